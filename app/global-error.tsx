"use client";

import "./globals.css";
import { PRODUCT } from "@/lib/product";
import type { ErrorProps } from "./_components/error-message";
import ErrorPage from "./error";

/** In place of the root layout, when that itself fails. */
export default function GlobalError(props: ErrorProps) {
  return (
    <html lang="en">
      <body className="font-sans text-base/6 antialiased">
        <title>{`Something went wrong · ${PRODUCT.name}`}</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
