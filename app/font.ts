import localFont from "next/font/local";

// Served by us, and nothing is fetched while building. Next makes the fallback as wide as this font, so that the page does
// not move when it arrives.
export const geist = localFont({
  src: "../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2",
  weight: "100 900",
  display: "swap",
  variable: "--font-geist",
});
