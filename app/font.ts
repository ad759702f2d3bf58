import localFont from "next/font/local";

// Served by us, and nothing is fetched while building. It is loaded ahead; a page that it still misses keeps the fallback,
// which Next makes about as wide: nothing moves when it arrives.
export const geist = localFont({
  src: "../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2",
  weight: "100 900",
  display: "optional",
  variable: "--font-geist",
});
