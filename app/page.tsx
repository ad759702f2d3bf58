import type { Metadata } from "next";
import { Brand } from "@/app/_components/ui/brand";
import { buttonVariants } from "@/app/_components/ui/button";
import { KeyBoard } from "@/app/_landing/key-board";
import { SessionWatch } from "@/app/_session/watch";
import { getSession } from "@/lib/current/session";
import { PRODUCT } from "@/lib/product";
import { DemoLogins } from "./_components/demo-logins";
import { LogOut } from "./_components/log-out";
import { available, UnavailablePage } from "./_components/unavailable";

export const metadata: Metadata = {
  title: { absolute: `${PRODUCT.name}: ${PRODUCT.tagline.toLowerCase()}` },
};

// Links to and from the pages of the account are full navigations: no page stays behind in the router's cache.

export default available(async () => {
  const current = await getSession();
  return (
    <>
      <div
        className={`${current ? "protected" : ""} mx-auto flex min-h-dvh max-w-5xl flex-col px-4 py-8 sm:py-12`}
      >
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-4">
          <Brand />
          {current && <LogOut />}
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="my-auto grid items-center gap-12 py-10 lg:grid-cols-[1.1fr_1fr]"
        >
          <div className="min-w-0">
            <h1 className="font-semibold text-4xl/11 sm:text-5xl/14">{PRODUCT.tagline}</h1>
            <p className="mt-4 max-w-prose text-lg/7 text-muted-foreground">
              A Next.js starter. See every device that is signed in, sign any of them out, and it is out at
              once: in every tab, on every server.
            </p>
            <p className="mt-8 flex flex-wrap gap-3">
              {current ? (
                <a href="/sessions" className={buttonVariants({ size: "lg" })}>
                  Your sessions
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
              <p className="mt-3 text-sm text-muted-foreground">
                You are signed in as <bdi>{current.user.name}</bdi>.
              </p>
            ) : (
              <DemoLogins next={null} />
            )}
          </div>
          <KeyBoard />
        </main>
      </div>
      {current && <SessionWatch />}
    </>
  );
}, UnavailablePage);
