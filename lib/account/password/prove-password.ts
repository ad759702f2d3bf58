import "server-only";
import { type Account, findAccountById, type Refused, type Stored } from "@/lib/account/account";
import { type Attempt, attempt, isWorthAnEvent } from "@/lib/account/limit/rate-limit";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import type { Session } from "@/lib/session/session";
import { verifyPassword } from "./password";

/**
 * Checks the password of the owner of `session`, who is signed in; guesses are counted for the session and the account.
 * Returns the row of the account, against whose hash the password was checked.
 */
export async function provePassword(
  { session, user, password, now }: { session: Session; user: Account; password: string; now: Date },
  actor: Actor,
): Promise<{ ok: true; stored: Stored } | { ok: false; code: "wrong_password" } | Refused> {
  const stored = await findAccountById(user.id);
  const by: Attempt = {
    purpose: "change",
    email: user.email,
    address: actor.ip,
    known: { userId: user.id, deviceId: session.id },
    now,
  };
  const checked = await attempt(by, () => verifyPassword(stored?.passwordHash ?? null, password));
  if (checked.ok) return stored ? { ok: true, stored } : { ok: false, code: "wrong_password" };

  const refused = checked.code === "rate_limited" ? checked : null;
  if (await isWorthAnEvent(by, refused)) {
    const type = refused ? "reauthentication_blocked" : "reauthentication_failed";
    await recordEvent(gatePrisma(), { type, userId: user.id, sessionId: session.id, now }, actor);
  }
  return checked;
}
