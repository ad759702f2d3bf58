import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import { PRODUCT, THEME_COLORS } from "@/lib/product";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: PRODUCT.name, template: `%s · ${PRODUCT.name}` },
  description: PRODUCT.description,
  robots: { index: false },
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: THEME_COLORS.light },
    { media: "(prefers-color-scheme: dark)", color: THEME_COLORS.dark },
  ],
};

export default async function Layout({ children }: { children: React.ReactNode }) {
  // The nonce of the Content-Security-Policy is new with every request, so no page can be rendered ahead of it.
  await connection();
  return (
    <html lang="en">
      <body className="font-sans text-base/6 antialiased">
        <a
          href="#main"
          className="absolute top-3 left-3 z-10 rounded-md bg-accent px-4 py-2 font-medium text-on-accent not-focus:sr-only"
        >
          Skip to the content
        </a>
        {children}
      </body>
    </html>
  );
}
