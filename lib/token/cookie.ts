import "server-only";
import { env } from "@/lib/env";
import { DAYS, SECONDS } from "@/lib/time";
import { openSeal, seal } from "./seal";

// The cookie is the token in an envelope that only this app opens: no script, log or extension on the way reads it.
// Used by the proxy: Web Crypto only, no database, no next/headers.

type Attributes = { path: "/"; httpOnly: boolean; secure: boolean; sameSite: "lax"; maxAge?: number };

/** A cookie as `cookies().set` and `NextResponse.cookies.set` take it. `maxAge` in seconds. */
export type Cookie = { name: string; value: string } & Attributes;

/** `__Host-` makes browsers refuse a cookie that another host, path or plain http tries to plant. */
export function sessionCookieName(): string {
  return env().secure ? "__Host-session" : "session";
}

/** Marks a browser from which this account has signed in before; see lib/account/limit/rate-limit.ts. */
export function deviceCookieName(): string {
  return env().secure ? "__Host-device" : "device";
}

/** Carries what was typed in a form, never a password, over a redirect back to it. */
export function formCookieName(): string {
  return env().secure ? "__Host-form" : "form";
}

/** Comes with a form, and back with what is sent: whether this browser takes cookies at all. */
export function probeCookieName(): string {
  return env().secure ? "__Host-probe" : "probe";
}

/** The probe, for as long as the browser runs. It tells nothing. */
export function probeCookie(): Cookie {
  return { name: probeCookieName(), value: "1", ...attributes() };
}

/**
 * Seals `data` into a cookie. `ttl` in seconds bounds the seal itself; `maxAge` in seconds is told to the browser,
 * which without it forgets the cookie when it closes.
 */
export async function sealCookie(
  name: string,
  data: Record<string, unknown>,
  { ttl, maxAge }: { ttl: number; maxAge?: number },
): Promise<Cookie> {
  const value = await seal(data, ttl);
  return { name, value, ...attributes(), ...(maxAge === undefined ? {} : { maxAge }) };
}

/**
 * What a cookie holds: of several values, separated by `;` (see lib/http/cookies.ts), the first that opens. Broken, foreign
 * and outdated seals give null, never an error.
 */
export async function openCookie(values: string): Promise<Record<string, unknown> | null> {
  for (const value of values.split(";")) {
    const data = await openSeal(value);
    if (data) return data;
  }
  return null;
}

/** The cookie of a session. `token` is its JWT, `expiresAt` its absolute end. */
export function sealSessionCookie(
  token: string,
  { expiresAt, keep, now }: { expiresAt: Date; keep: boolean; now: Date },
): Promise<Cookie> {
  const maxAge = Math.max(1, Math.ceil((expiresAt.getTime() - now.getTime()) / SECONDS));
  // The token inside has its own end. The seal outlives it, so that the login page can say "expired".
  const ttl = maxAge + (7 * DAYS) / SECONDS;
  return sealCookie(sessionCookieName(), { token }, keep ? { ttl, maxAge } : { ttl });
}

/** The token in a session cookie, or null; of several values the first that holds one. */
export async function openSessionCookie(values: string): Promise<string | null> {
  for (const value of values.split(";")) {
    const token = (await openSeal(value))?.token;
    if (typeof token === "string") return token;
  }
  return null;
}

/** A deletion that browsers obey: with `__Host-`, one without `Secure` and `Path` leaves the cookie alive. */
export function clearedCookie(name: string): Cookie {
  return { name, value: "", ...attributes(), maxAge: 0 };
}

function attributes(): Attributes {
  return { path: "/", httpOnly: true, secure: env().secure, sameSite: "lax" };
}
