"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { Spinner } from "@/app/_components/ui/spinner";
import type { Page } from "@/lib/product";
import { useOffline } from "./use-offline";

/** The pages of the account. Nothing is fetched ahead: each page asks the gate when it is wanted. */
export function Navigation({ pages, className }: { pages: readonly Page[]; className?: string }) {
  const pathname = usePathname();
  const isOffline = useOffline() !== null;
  const nav = useRef<HTMLElement>(null);
  // The menu stays until the page is there, and shows that it is on its way.
  // biome-ignore lint/correctness/useExhaustiveDependencies: Whenever the page is another one.
  useEffect(() => closeMenu(nav.current), [pathname]);
  return (
    <nav ref={nav} aria-label="Account" className={className}>
      <ul className="space-y-0.5">
        {pages.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              prefetch={false}
              aria-current={currentOf(href, pathname)}
              // The browser's own page about it would take ours away, which at least shows what was known.
              onNavigate={(event) => isOffline && event.preventDefault()}
              onClick={() => href === pathname && closeMenu(nav.current)}
              className="ui-menu-item ui-menu-page"
            >
              {label}
              <Pending />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The page itself, or one below it. */
function currentOf(href: string, pathname: string): "page" | "true" | undefined {
  if (pathname === href) return "page";
  return pathname.startsWith(`${href}/`) ? "true" : undefined;
}

/** Closes the menu that the navigation stands in, if it is open. */
function closeMenu(nav: HTMLElement | null) {
  const menu = nav?.closest<HTMLElement>("[popover]");
  if (menu?.matches(":popover-open")) menu.hidePopover();
}

/** That the page is on its way, once that takes a while. */
function Pending() {
  const { pending } = useLinkStatus();
  return (
    <span
      className={`ms-auto transition-opacity *:size-3.5 ${pending ? "opacity-100 delay-150" : "opacity-0"}`}
    >
      {pending && <Spinner />}
    </span>
  );
}
