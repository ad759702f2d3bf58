import "server-only";
import { gatePrisma } from "@/lib/db";
import type { Session, User as SessionUser } from "@/lib/session/session";
import type { User } from "@/prisma/client/client";
import { spellingsOf } from "./email";

// What signing up, signing in and changing the password share. Of users, sessions read only what `lib/session/queries.ts` does.

export type Account = Pick<SessionUser, "id" | "email" | "name">;

/**
 * What a device cookie says: a browser, the account that last signed in with it, and the account's epoch at that time. A
 * password change raises the epoch.
 */
export type Device = { id: string; userId: string; epoch: number };

/** Where and how somebody signs in. */
export type SignIn = {
  kind: Session["kind"];
  /** "Keep me signed in". */
  keep: boolean;
  /** A name for the session. */
  deviceName: string | null;
  location: string | null;
  device: Device | null;
  /** The id of this browser, the same for every account; null for a program. */
  browserId: string | null;
  /** The live session that this browser held until now; the new one takes its place. */
  replaces: string | null;
  /** How long the session may live, in milliseconds, if `keep` does not decide it. */
  lifetime?: { absolute: number; idle: number };
  now: Date;
};

export type SignedIn = { user: SessionUser; session: Session; token: string; deviceEpoch: number };

export type Refused = { ok: false; code: "rate_limited"; retryAfter: number };

/** The row of an account, including what only this folder may see. */
export type Stored = User;

/** The user of a row, without what only this folder may see. */
export function userOf({ id, email, name, role, disabledAt, emailVerifiedAt }: Stored): SessionUser {
  return { id, email, name, role, disabled: disabledAt !== null, emailVerified: emailVerifiedAt !== null };
}

/** The account of an address. */
export async function findAccount(email: string): Promise<Stored | null> {
  const spellings = spellingsOf(email);
  const found = await gatePrisma().user.findMany({ where: { email: { in: spellings } } });
  const [best] = found.sort((a, b) => spellings.indexOf(a.email) - spellings.indexOf(b.email));
  return best ?? null;
}

/** The same by id, for a user whom the gate has admitted. */
export function findAccountById(id: string): Promise<Stored | null> {
  return gatePrisma().user.findUnique({ where: { id } });
}

/** Whether this is a device from which the account has signed in since its password was last changed. */
export function knownDevice(
  user: Stored | null,
  device: Device | null,
): { userId: string; deviceId: string } | null {
  if (!user || device?.userId !== user.id || device.epoch !== user.deviceEpoch) return null;
  return { userId: user.id, deviceId: device.id };
}
