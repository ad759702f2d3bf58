import type { Metadata } from "next";
import { Brand } from "@/app/_components/ui/brand";

// Where links of mails lead. Opening one changes nothing, since programs that look for viruses open them, too; the form does.

export const metadata: Metadata = { referrer: "no-referrer", robots: { index: false } };

export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-108 flex-col px-4 py-8 sm:py-14">
      <header>
        <a href="/" className="inline-flex min-h-11 items-center rounded-md">
          <Brand />
        </a>
      </header>
      <main id="main" tabIndex={-1} className="ui-card mt-4 space-y-4 p-5 sm:p-8">
        {children}
      </main>
    </div>
  );
}
