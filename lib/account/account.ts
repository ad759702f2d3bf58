import "server-only";
import { gatePrisma } from "@/lib/db";
import type { Session } from "@/lib/session/session";
import { type Actor, hasSessionFrom } from "@/lib/session/store";

// What signing up, logging in and changing the password share. Only this folder queries users.

export type Account = { id: string; email: string; name: string };

/** Where and how somebody signs in. */
export type SignIn = {
  kind: Session["kind"];
  /** "Keep me signed in". */
  keep: boolean;
  /** A name for the session. */
  deviceName: string | null;
  location: string | null;
  /** What the device cookie says: a browser, and the account that last logged in with it. */
  device: { id: string; userId: string } | null;
  /** The live session that this browser held until now; the new one takes its place. */
  replaces: string | null;
  now: Date;
};

export type SignedIn = { user: Account; session: Session; token: string };

export type Refused = { ok: false; code: "rate_limited"; retryAfter: number };

/** The one spelling of an address (RFC 6532, 3.1: NFC): how it is stored, looked up and counted. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/** The account of an address, with what only this folder may see of it. */
export async function findAccount(email: string) {
  return gatePrisma().user.findUnique({ where: { email: normaliseEmail(email) } });
}

/** A device from which this account has logged in before: by its cookie, or else by its address. */
export async function knownDeviceOf(
  user: Account | null,
  device: SignIn["device"],
  { ip }: Actor,
): Promise<string | null> {
  // Asked for unknown accounts too, so that they cost the same.
  const userId = user?.id ?? crypto.randomUUID();
  const cameFromHere = ip !== null && (await hasSessionFrom(userId, ip));
  if (device?.userId === userId) return `device:${device.id}`;
  return cameFromHere ? `address:${ip}` : null;
}
