import Link from "next/link";
import type { ReactNode } from "react";
import { Icon } from "@/app/_components/ui/icon";
import type { PersonView } from "@/lib/current/people";

export function BackToPeople() {
  return <Back href="/admin">People</Back>;
}

export function BackToPerson({ person }: { person: PersonView }) {
  return (
    <Back href={`/admin/${person.id}`}>
      <bdi>{person.name}</bdi>
    </Back>
  );
}

function Back({ href, children }: { href: "/admin" | `/admin/${string}`; children: ReactNode }) {
  return (
    <p className="mb-4">
      <Link
        href={href}
        prefetch={false}
        className="inline-flex min-h-6 items-center gap-1.5 rounded-md text-muted-foreground hover:text-foreground"
      >
        <Icon name="arrow-left" className="size-4 rtl:rotate-180" />
        {children}
      </Link>
    </p>
  );
}
