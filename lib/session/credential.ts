import "server-only";
import { SECONDS } from "@/lib/time";
import { openSessionCookie } from "./cookie";
import { type Opened, recallOpened, rememberOpened } from "./memory";
import { hashSecret, verifyToken } from "./token";

/** What a caller shows: the value of the session cookie, or a token from the Authorization header. */
export type Credential = { form: "cookie" | "bearer"; value: string };

export type OpenedCredential = ({ ok: true } & Opened) | { ok: false; reason: "malformed" | "expired" };

/** SHA-256 in hexadecimal with Web Crypto, for the proxy, which may run where there is no node:crypto. */
export async function webDigest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Opens a credential and checks its token, once per exact spelling: opening a seal costs as much as a query.
 * `digest` names the spelling in memory, so that no credential stays there in clear.
 */
export async function openCredential(
  { form, value }: Credential,
  now: Date,
  digest: (text: string) => string | Promise<string>,
): Promise<OpenedCredential> {
  const key = await digest(`${form}:${value}`);
  const remembered = recallOpened(key);
  if (remembered) {
    const expired = remembered.claims.exp * SECONDS <= now.getTime();
    return expired ? { ok: false, reason: "expired" } : { ok: true, ...remembered };
  }

  const token = form === "cookie" ? await openSessionCookie(value) : value;
  if (!token) return { ok: false, reason: "malformed" };
  const verdict = await verifyToken(token, now);
  if (!verdict.ok) return verdict;

  const opened = { claims: verdict.claims, secretHash: await hashSecret(verdict.claims.jti) };
  rememberOpened(key, opened);
  return { ok: true, ...opened };
}
