import "server-only";
import {
  findAccount,
  findAccountById,
  knownDevice,
  type Refused,
  type SignedIn,
  type SignIn,
} from "@/lib/account/account";
import { countedAs } from "@/lib/account/email";
import { type Attempt, attempt, isWorthAnEvent } from "@/lib/account/limit/rate-limit";
import { hashPassword, needsRehash, verifyPassword } from "@/lib/account/password/password";
import { type Actor, recordEvent } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import { passwordProof, startSession } from "./start-session";

/**
 * Signs in. `invalid_credentials` covers an unknown address and a wrong password alike, at the same cost; that an account is
 * disabled is told to those who know its password. Throws `unavailable` when too many passwords are being checked.
 */
export async function logIn(
  { email, password, ...signIn }: { email: string; password: string } & SignIn,
  actor: Actor,
): Promise<
  ({ ok: true } & SignedIn) | { ok: false; code: "invalid_credentials" | "account_disabled" } | Refused
> {
  const { now } = signIn;
  const user = await findAccount(email);
  const by: Attempt = {
    purpose: "log-in",
    email: countedAs(email),
    address: actor.ip,
    known: knownDevice(user, signIn.device),
    now,
  };
  const checked = await attempt(by, () => verifyPassword(user?.passwordHash ?? null, password));
  if (!checked.ok) {
    const refused = checked.code === "rate_limited" ? checked : null;
    if (await isWorthAnEvent(by, refused)) {
      const type = refused ? "login_blocked" : "login_failed";
      await recordEvent(gatePrisma(), { type, userId: user?.id ?? null, now }, actor);
    }
    return refused ?? { ok: false, code: "invalid_credentials" };
  }
  // Without an account, no password is correct.
  if (!user) return { ok: false, code: "invalid_credentials" };
  if (user.disabledAt) {
    const detail = { reason: "account_disabled" };
    await recordEvent(gatePrisma(), { type: "login_failed", userId: user.id, detail, now }, actor);
    return { ok: false, code: "account_disabled" };
  }

  const checkedHash = needsRehash(user.passwordHash) ? await rehash(user, password) : user.passwordHash;
  const signedIn = checkedHash ? await startSession(passwordProof(user, checkedHash), signIn, actor) : null;
  return signedIn ? { ok: true, ...signedIn } : { ok: false, code: "invalid_credentials" };
}

/** Hashes the password with today's parameters. Returns the hash now stored, or null if it belongs to another password. */
async function rehash(user: { id: string; passwordHash: string }, password: string): Promise<string | null> {
  const passwordHash = await hashPassword(password);
  const { count } = await gatePrisma().user.updateMany({
    where: { id: user.id, passwordHash: user.passwordHash },
    data: { passwordHash },
  });
  if (count === 1) return passwordHash;
  // Another login did the same meanwhile, or the password was changed.
  const stored = (await findAccountById(user.id))?.passwordHash ?? null;
  return stored && (await verifyPassword(stored, password)) ? stored : null;
}
