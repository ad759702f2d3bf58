import { existsSync } from "node:fs";
import { runsAsRoot } from "@/scripts/postgres/postgres-binaries";

// Which browser the tests drive. An installed one is preferred: a download is often impossible.

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

// Nothing but the tests: no updates, no sync, no look-ups that a closed network would refuse a hundred times.
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  `--disable-features=${[
    // Pages of the address bar's own, two renderers for every context, that nobody sees.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    // The last flag of this name wins: what Playwright's own says and matters here.
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
  ].join()}`,
];

/** An installed Chromium or Chrome; undefined leaves it to Playwright's own. */
export function installedChromium(): string | undefined {
  const chosen = process.env.CHROME_PATH;
  if (chosen) return chosen;
  return INSTALLED.find((path) => existsSync(path));
}

/** Playwright's `launchOptions`. */
export function chromiumOptions(): { executablePath?: string; args: string[] } {
  const executablePath = installedChromium();
  return {
    ...(executablePath ? { executablePath } : {}),
    // Chromium's sandbox does not work for root, and only for root it is left out.
    args: runsAsRoot() ? ["--no-sandbox", ...QUIET] : QUIET,
  };
}
