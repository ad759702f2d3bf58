"use client";

import { ErrorMessage, type ErrorProps } from "./_components/error-message";
import { LogOut } from "./_components/log-out";

/**
 * In place of any page, signed in or not: the way out of an account is there, should there be one. Not a `MessagePage`: every
 * page loads this, and would load the mark and the words of lib/product.ts with it.
 */
export default function ErrorPage(props: ErrorProps) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-xl flex-col px-4 py-8 sm:py-14">
      <header className="flex min-h-11 items-center justify-end">
        <LogOut />
      </header>
      <main id="main" tabIndex={-1} className="my-auto py-10">
        <ErrorMessage {...props} />
      </main>
    </div>
  );
}
