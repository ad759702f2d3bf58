import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Latchkey", template: "%s · Latchkey" },
  description: "See every device that is signed in, and end any of them at once.",
  robots: { index: false },
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#eef1ed" },
    { media: "(prefers-color-scheme: dark)", color: "#0e1311" },
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
