"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { NAVIGATION } from "@/lib/product";

/** The pages of the account. Nothing is fetched ahead: each page asks the gate when it is wanted. */
export function Navigation() {
  const pathname = usePathname();
  return (
    <nav aria-label="Account">
      <ul className="-mx-3 flex flex-wrap">
        {NAVIGATION.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              prefetch={false}
              aria-current={pathname === href ? "page" : undefined}
              className="inline-flex min-h-11 items-center rounded-md px-3 font-medium text-muted-foreground hover:text-foreground aria-[current=page]:text-foreground aria-[current=page]:underline aria-[current=page]:decoration-2 aria-[current=page]:decoration-primary aria-[current=page]:underline-offset-8"
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
