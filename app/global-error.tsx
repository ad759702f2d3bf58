"use client";

import "./globals.css";
import { PRODUCT } from "@/lib/product";
import { themeAttributes } from "@/lib/theme";
import type { ErrorProps } from "./_components/error-message";
import ErrorPage from "./error";
import { geist } from "./font";

/** In place of the root layout, when that itself fails. */
export default function GlobalError(props: ErrorProps) {
  return (
    <html lang="en" {...themeAttributes("system")} className={geist.variable}>
      <body className="font-sans text-sm/5 antialiased">
        <title>{`Something went wrong · ${PRODUCT.name}`}</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
