import { Brand } from "@/app/_components/ui/brand";
import { SessionWatch } from "@/app/_session/watch";
import { getSession } from "@/lib/current/session";
import { chosenTheme } from "@/lib/current/theme";
import { navigationFor } from "@/lib/product";
import { AccountMenu } from "./_shell/account-menu";
import { ConfirmBanner } from "./_shell/confirm-banner";
import { Navigation } from "./_shell/navigation";
import { OfflineBar } from "./_shell/offline-bar";

// Decides nothing: every page asks for its session itself. Layouts are kept while people move between pages.

export default async function Layout({ children }: { children: React.ReactNode }) {
  // What is wrong, if anything, the page says.
  const current = await getSession().catch(() => null);
  const user = current?.user ?? null;
  const pages = navigationFor(user?.role ?? null);
  return (
    <>
      <div className="protected min-h-dvh wide:grid wide:grid-cols-[14.5rem_minmax(0,1fr)]">
        <header className="flex items-center justify-between gap-4 border-border border-b bg-sidebar px-4 py-1 text-sidebar-foreground wide:sticky wide:top-0 wide:h-dvh wide:flex-col wide:items-stretch wide:justify-start wide:overflow-y-auto wide:border-e wide:border-b-0 wide:px-3 wide:py-4 print:hidden">
          {/* A full navigation: no page of this session stays behind in the router's cache. */}
          <a href="/" className="inline-flex min-h-11 items-center rounded-md wide:px-2">
            <Brand />
          </a>
          <Navigation pages={pages} className="hidden wide:block" />
          <div className="wide:mt-auto wide:*:data-[slot=menu-trigger]:w-full">
            <AccountMenu user={user} pages={pages} theme={await chosenTheme()} />
          </div>
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-240 px-4 py-6 wide:px-10 wide:py-8 print:p-0"
        >
          {user && !user.emailVerified && <ConfirmBanner />}
          {children}
        </main>
      </div>
      <OfflineBar />
      <SessionWatch />
    </>
  );
}
