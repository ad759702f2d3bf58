import type { Metadata } from "next";
import Link from "next/link";
import { Avatar } from "@/app/_components/ui/avatar";
import { Button, buttonVariants } from "@/app/_components/ui/button";
import { EmptyState } from "@/app/_components/ui/empty-state";
import { Icon } from "@/app/_components/ui/icon";
import { Input } from "@/app/_components/ui/input";
import { PageHeader } from "@/app/_components/ui/page-header";
import { available } from "@/app/_components/unavailable";
import { When } from "@/app/_components/when";
import { type PersonView, searchPeople } from "@/lib/current/people";
import { requireRole } from "@/lib/current/session";
import { PersonBadges } from "./person-badges";

export const metadata: Metadata = { title: "People" };

type Query = { [name: string]: string | string[] | undefined };

/** Everybody with an account, for administrators. */
export default available(async ({ searchParams }: { searchParams: Promise<Query> }) => {
  const caller = await requireRole("/admin", "admin");
  const query = await searchParams;
  const one = (value: Query[string]) => (typeof value === "string" ? value : undefined);
  const search = one(query.search)?.trim() ?? "";
  const { people, next } = await searchPeople(caller, { search, cursor: one(query.cursor) });
  return (
    <>
      <PageHeader title="People" description="Everybody with an account, the latest first." />
      <search className="mt-6 block">
        <form action="/admin" className="flex max-w-md gap-2">
          <div className="relative min-w-0 flex-1">
            <Icon
              name="search"
              className="pointer-events-none absolute inset-s-2.5 inset-y-0 my-auto size-4 text-muted-foreground"
            />
            <Input
              type="search"
              name="search"
              aria-label="Name or email"
              placeholder="Name or email"
              defaultValue={search}
              className="ps-8"
            />
          </div>
          <Button type="submit" variant="outline">
            Search
          </Button>
        </form>
      </search>
      {people.length > 0 ? (
        <ul aria-label="People" className="ui-card mt-4 divide-y divide-border">
          {people.map((person) => (
            <PersonRow key={person.id} person={person} />
          ))}
        </ul>
      ) : (
        <EmptyState className="mt-4">
          <p>{search ? "Nobody’s name or email has that in it." : "No more people."}</p>
        </EmptyState>
      )}
      {next && (
        <p className="mt-4">
          <Link
            href={{ pathname: "/admin", query: { ...(search && { search }), cursor: next } }}
            prefetch={false}
            className={buttonVariants({ variant: "outline" })}
          >
            Older
          </Link>
        </p>
      )}
    </>
  );
});

function PersonRow({ person }: { person: PersonView }) {
  return (
    <li className="relative flex items-center gap-3 px-4 py-2.5 hover:bg-accent/50">
      <Avatar name={person.name} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            href={`/admin/${person.id}`}
            prefetch={false}
            className="truncate rounded-sm font-medium after:absolute after:inset-0"
          >
            <bdi>{person.name}</bdi>
          </Link>
          <PersonBadges person={person} />
        </p>
        <p className="text-[0.8125rem] text-muted-foreground">
          <bdi className="wrap-anywhere">{person.email}</bdi>
          {" · since "}
          <span className="relative">
            <When at={person.created_at} />
          </span>
        </p>
      </div>
      <Icon name="chevron-right" className="size-4 text-muted-foreground rtl:rotate-180" />
    </li>
  );
}
