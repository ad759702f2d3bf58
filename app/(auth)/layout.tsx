import { ThemeSwitch } from "@/app/_components/theme-switch";
import { Brand } from "@/app/_components/ui/brand";
import { chosenTheme } from "@/lib/current/theme";

export default async function Layout({ children }: { children: React.ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-108 flex-col px-4 py-8 sm:py-14">
      <header>
        {/* A full navigation: no page of a session stays behind in the router's cache. */}
        <a href="/" className="inline-flex min-h-11 items-center rounded-md">
          <Brand />
        </a>
      </header>
      <main id="main" tabIndex={-1} className="ui-card mt-4 p-5 sm:p-8">
        {children}
      </main>
      <footer className="mt-6 flex justify-center">
        <ThemeSwitch theme={await chosenTheme()} />
      </footer>
    </div>
  );
}
