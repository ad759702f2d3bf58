import { Brand } from "@/app/_components/brand";
import { LogOut } from "@/app/_components/log-out";
import { SessionWatch } from "@/app/_components/session-watch";
import { getSession } from "@/lib/session/current";
import { Navigation } from "./navigation";

// Decides nothing: every page asks for its session itself. Layouts are kept while people move between pages.

export default async function Layout({ children }: { children: React.ReactNode }) {
  const current = await getSession();
  return (
    <>
      <div className="protected">
        <header className="border-line border-b">
          <div className="mx-auto grid max-w-4xl grid-cols-[1fr_auto] items-center gap-x-6 gap-y-1 px-4 pt-2 sm:grid-cols-[auto_1fr_auto] sm:py-2">
            {/* A full navigation: no page of this session stays behind in the router's cache. */}
            <a href="/" className="inline-flex min-h-11 items-center justify-self-start rounded-md">
              <Brand />
            </a>
            <div className="flex min-w-0 items-center gap-4 sm:order-last">
              {current && (
                <span className="hidden max-w-40 truncate text-soft md:inline">{current.user.name}</span>
              )}
              <LogOut />
            </div>
            <Navigation />
          </div>
        </header>
        <main id="main" tabIndex={-1} className="mx-auto max-w-4xl px-4 py-8 sm:py-10">
          {children}
        </main>
      </div>
      <SessionWatch />
    </>
  );
}
