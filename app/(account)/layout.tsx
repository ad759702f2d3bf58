import { LogOut } from "@/app/_components/log-out";
import { Brand } from "@/app/_components/ui/brand";
import { SessionWatch } from "@/app/_session/watch";
import { getSession } from "@/lib/current/session";
import { Navigation } from "./navigation";

// Decides nothing: every page asks for its session itself. Layouts are kept while people move between pages.

export default async function Layout({ children }: { children: React.ReactNode }) {
  // What is wrong, if anything, the page says.
  const current = await getSession().catch(() => null);
  return (
    <>
      <div className="protected">
        <header className="border-border border-b">
          <div className="mx-auto max-w-4xl px-4 pt-2">
            <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
              {/* A full navigation: no page of this session stays behind in the router's cache. */}
              <a href="/" className="inline-flex min-h-11 items-center rounded-md">
                <Brand />
              </a>
              <div className="flex min-w-0 items-center gap-4">
                {current && (
                  <bdi className="hidden max-w-40 truncate text-muted-foreground md:inline">
                    {current.user.name}
                  </bdi>
                )}
                <LogOut />
              </div>
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
