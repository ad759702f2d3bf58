import "server-only";
import { userAgentFromString } from "next/server";
import type { Session } from "./session";

export type Device = Pick<Session, "deviceType" | "browser" | "os">;

const LONGEST = 40;

const SYSTEMS: Record<string, string> = { "Mac OS": "macOS", "Chromium OS": "ChromeOS" };
const BROWSERS: Record<string, string> = {
  "Chrome Headless": "Chrome",
  "Mobile Safari": "Safari",
  "Mobile Chrome": "Chrome",
  "Mobile Firefox": "Firefox",
  "Chrome WebView": "Chrome",
};

const short = (text: string | undefined, names: Record<string, string>) => {
  if (!text) return null;
  return (names[text] ?? text).slice(0, LONGEST);
};

/** "curl" out of "curl/8.5.0": programs name themselves first (RFC 9110, 10.1.5). */
function product(userAgent: string): string | null {
  const name = /^[A-Za-z][\w.-]*/.exec(userAgent)?.[0];
  return name && name !== "Mozilla" ? name.slice(0, LONGEST) : null;
}

/** What a user agent says about the device: it is only ever shown, never trusted. */
export function describeDevice(userAgent: string | null, kind: Session["kind"]): Device {
  const { browser, os, device } = userAgentFromString(userAgent?.slice(0, 500) || undefined);
  const known = short(browser.name, BROWSERS);
  const stranger = kind === "api" ? "api" : "unknown";
  // Where neither browser nor system is known, the type is only what a program's name sounds like.
  const type = known || os.name ? device.type : undefined;
  const deviceType = type ?? (known && os.name ? "desktop" : stranger);
  return { deviceType, browser: known ?? product(userAgent ?? ""), os: short(os.name, SYSTEMS) };
}
