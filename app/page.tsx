import type { Metadata } from "next";
import { ThemeSwitch } from "@/app/_components/theme-switch";
import { Brand } from "@/app/_components/ui/brand";
import { buttonVariants } from "@/app/_components/ui/button";
import { CopyButton } from "@/app/_components/ui/copy-button";
import { Story } from "@/app/_landing/story";
import { SessionWatch } from "@/app/_session/watch";
import { getSession } from "@/lib/current/session";
import { chosenTheme } from "@/lib/current/theme";
import { PRODUCT } from "@/lib/product";
import { DemoLogins } from "./_components/demo-logins";
import { LogOut } from "./_components/log-out";
import { available, UnavailablePage } from "./_components/unavailable";

export const metadata: Metadata = {
  title: { absolute: `${PRODUCT.name}: ${PRODUCT.tagline}` },
};

const START = "npm ci && npm run dev";

// Links to and from the pages of the account are full navigations: no page stays behind in the router's cache.

export default available(async () => {
  const current = await getSession();
  return (
    <>
      <div
        className={`${current ? "protected" : ""} mx-auto flex min-h-dvh max-w-6xl flex-col px-4 py-6 sm:px-8 sm:py-10`}
      >
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-4">
          <Brand />
          {current && <LogOut />}
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="my-auto grid items-center gap-12 py-10 lg:grid-cols-[1fr_1.05fr]"
        >
          <div className="min-w-0">
            <h1 className="font-semibold text-4xl/11 sm:text-5xl/14">{PRODUCT.headline}</h1>
            <p className="mt-4 max-w-prose text-lg/7 text-muted-foreground">{PRODUCT.description}</p>
            <p className="mt-8 flex flex-wrap gap-3">
              {current ? (
                <a href="/sessions" className={buttonVariants({ size: "lg" })}>
                  Your devices
                </a>
              ) : (
                <>
                  <a href="/login" className={buttonVariants({ size: "lg" })}>
                    Sign in
                  </a>
                  <a href="/signup" className={buttonVariants({ variant: "outline", size: "lg" })}>
                    Sign up
                  </a>
                </>
              )}
            </p>
            {current ? (
              <p className="mt-3 text-muted-foreground">
                You’re signed in as <bdi>{current.user.name}</bdi>.
              </p>
            ) : (
              <DemoLogins next={null} />
            )}
          </div>
          <Story />
        </main>
        <footer className="flex flex-wrap items-center justify-between gap-4 border-border border-t pt-4">
          <p className="flex flex-wrap items-center gap-x-2 text-muted-foreground">
            <span>A Next.js starter. Clone it, then</span>
            <code className="font-mono text-[0.8125rem] text-foreground">{START}</code>
            <CopyButton text={START} label="command" />
          </p>
          <ThemeSwitch theme={await chosenTheme()} />
        </footer>
      </div>
      {current && <SessionWatch />}
    </>
  );
}, UnavailablePage);
