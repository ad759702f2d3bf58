import "server-only";
import { LRUCache } from "lru-cache";
import { env } from "@/lib/env";
import { singleton } from "@/lib/singleton";
import { SECONDS } from "@/lib/time";
import { openSessionCookie } from "./cookie";
import { hashSecret, type TokenClaims, verifyToken } from "./token";

/** What a caller sends: the value of the session cookie, or a token from the Authorization header. */
export type Credential = { form: "cookie" | "bearer"; value: string };

/** A credential that was opened and whose signature was checked, once. */
type Opened = { claims: TokenClaims; secretHash: Uint8Array };

/** Keyed by SHA-256 of the exact cookie or token. It says nothing about liveness, so nothing invalidates it. */
const memo = singleton(
  "opened-credentials",
  () => new LRUCache<string, Opened>({ max: env().cachedSessions }),
);

export type OpenedCredential = ({ ok: true } & Opened) | { ok: false; reason: "malformed" | "expired" };

/** The key of a credential in the memo: SHA-256 in hexadecimal, so that no credential stays in memory in clear. */
export async function webDigest({ form, value }: Credential): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(form + value)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Recalls a credential that was opened before under `key`, its digest; null if it is new to this process. */
export function recallCredential(key: string, now: Date): OpenedCredential | null {
  const opened = memo().get(key);
  if (!opened) return null;
  const expired = opened.claims.exp * SECONDS <= now.getTime();
  return expired ? { ok: false, reason: "expired" } : { ok: true, ...opened };
}

/** Opens a credential, checks its token, and remembers it under `key`: opening a seal costs as much as a query. */
export async function openCredential(
  { form, value }: Credential,
  key: string,
  now: Date,
): Promise<OpenedCredential> {
  const token = form === "cookie" ? await openSessionCookie(value) : value;
  if (!token) return { ok: false, reason: "malformed" };
  const verdict = await verifyToken(token, now);
  if (!verdict.ok) return verdict;

  const opened = { claims: verdict.claims, secretHash: await hashSecret(verdict.claims.jti) };
  memo().set(key, opened);
  return { ok: true, ...opened };
}
