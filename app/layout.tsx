import { clsx } from "clsx/lite";
import type { Metadata } from "next";
import { connection } from "next/server";
import { chosenTheme } from "@/lib/current/theme";
import { PRODUCT } from "@/lib/product";
import { themeAttributes } from "@/lib/theme";
import { geist } from "./font";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: PRODUCT.name, template: `%s · ${PRODUCT.name}` },
  description: PRODUCT.description,
  robots: { index: false },
};

export default async function Layout({ children }: { children: React.ReactNode }) {
  // The nonce of the Content-Security-Policy is new with every request, so no page can be rendered ahead of it.
  await connection();
  const { className, ...theme } = themeAttributes(await chosenTheme());
  return (
    <html lang="en" {...theme} className={clsx(geist.variable, className)}>
      <body className="font-sans text-sm/5 antialiased">
        <a
          href="#main"
          className="absolute inset-s-3 top-3 z-10 rounded-md bg-primary px-4 py-2 font-medium text-primary-foreground not-focus:sr-only"
        >
          Skip to content
        </a>
        {children}
      </body>
    </html>
  );
}
