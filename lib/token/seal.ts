import "server-only";
import { sealData, unsealData } from "iron-session";
import { env } from "@/lib/env";

// Used by the proxy: Web Crypto only.

/** Seals `data` with `COOKIE_PASSWORD`. `ttl` in seconds; 0 means for ever. */
export function seal(data: Record<string, unknown>, ttl: number): Promise<string> {
  return sealData(data, { password: env().cookiePassword, ttl });
}

/** What a seal holds. Broken, foreign and outdated ones give null, never an error. */
export async function openSeal(value: string): Promise<Record<string, unknown> | null> {
  try {
    const data = await unsealData<Record<string, unknown>>(value, { password: env().cookiePassword, ttl: 0 });
    // iron-session gives an empty object for most seals that do not open; we never seal one.
    return typeof data === "object" && data !== null && Object.keys(data).length > 0 ? data : null;
  } catch {
    return null;
  }
}
