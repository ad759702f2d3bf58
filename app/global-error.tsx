"use client";

import "./globals.css";
import { ErrorMessage, type ErrorProps } from "./_components/error-message";

/** In place of the root layout, when that itself fails. */
export default function GlobalError(props: ErrorProps) {
  return (
    <html lang="en" data-theme="system">
      <body className="font-sans text-sm/5 antialiased">
        <title>Something went wrong</title>
        <main className="mx-auto max-w-xl px-4 py-14">
          <ErrorMessage {...props} />
        </main>
      </body>
    </html>
  );
}
