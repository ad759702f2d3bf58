import type { ReactNode } from "react";
import { Brand } from "./brand";
import { PageHeader } from "./page-header";

/** A page with nothing but a message and a way on. */
export function MessagePage({
  title,
  corner,
  children,
}: {
  title: string;
  corner?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-xl flex-col px-4 py-8 sm:py-14">
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-4">
        <Brand />
        {corner}
      </header>
      <main id="main" tabIndex={-1} className="my-auto space-y-4 py-10">
        <PageHeader title={title} />
        {children}
      </main>
    </div>
  );
}
