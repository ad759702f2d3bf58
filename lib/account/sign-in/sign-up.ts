import "server-only";
import { findAccount, type Refused, type SignedIn, type SignIn, type Stored } from "@/lib/account/account";
import { normaliseEmail } from "@/lib/account/email";
import { type Attempt, attempt, countRight } from "@/lib/account/limit/rate-limit";
import { createLink } from "@/lib/account/link/links";
import { hashPassword, passwordProblem, verifyPassword } from "@/lib/account/password/password";
import { type Actor, recordEvent } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { mailIsOn, putMail, putRequest } from "@/lib/mail/outbox";
import { Prisma } from "@/prisma/client/client";
import { type Proof, passwordProof, startSession } from "./start-session";

type Taken = {
  ok: false;
  code: "email_taken";
  /** A session that never was: its token looks like every other one and opens nothing. */
  decoy: Pick<SignedIn, "token" | "session" | "deviceEpoch">;
};

type NewUser = { email: string; name: string; passwordHash: string };

/**
 * Signs up and signs in. A known address is `email_taken`, at the cost of a new one; the owner who signs up again in a
 * browser, with the right password, is simply signed in, so that a form can answer everybody alike.
 */
export async function signUp(
  { email: typed, password, name, ...signIn }: { email: string; password: string; name: string } & SignIn,
  actor: Actor,
): Promise<
  | ({ ok: true } & SignedIn)
  | Taken
  | { ok: false; code: "weak_password"; message: string }
  | { ok: false; code: "invalid_email" }
  | Refused
> {
  const { kind, now } = signIn;
  const email = normaliseEmail(typed);
  if (!email) return { ok: false, code: "invalid_email" };
  const problem = passwordProblem(password, { email, name });
  if (problem) return { ok: false, code: "weak_password", message: problem };

  const known = await findAccount(email);
  const by: Attempt = { purpose: "sign-up", email, address: actor.ip, known: null, now };
  let passwordHash = known?.passwordHash ?? "";
  const checked = await attempt(by, async () => {
    // One hash in either case.
    if (known)
      return (await verifyPassword(passwordHash, password)) && kind === "browser" && !known.disabledAt;
    passwordHash = await hashPassword(password);
    return true;
  });
  if (!checked.ok && checked.code === "rate_limited") return checked;

  const taken = async (owner: Stored | null): Promise<Taken> => {
    const proof = nobody({ email, name, passwordHash }, owner, kind, now, actor);
    const decoy = await startSession(proof, signIn, actor);
    if (!decoy) throw new Error("There is no decoy.");
    return { ok: false, code: "email_taken", decoy };
  };
  if (known) {
    if (!checked.ok) return taken(known);
    const counted = await countRight(by);
    if (!counted.ok) return counted;
    const signedIn = await startSession(passwordProof(known, known.passwordHash), signIn, actor);
    return signedIn ? { ok: true, ...signedIn } : taken(known);
  }
  const proof = newcomer({ email, name, passwordHash }, now, actor);
  const signedIn = await startSession(proof, signIn, actor).catch(noneIfTaken);
  return signedIn ? { ok: true, ...signedIn } : taken(await findAccount(email));
}

// A new address and a known one run the same statements and one commit, so that no clock tells them apart. Those of a
// known one are rolled back before the commit, except for the event and the mail, which is decided at a random time later.

function newcomer(user: NewUser, now: Date, actor: Actor): Proof {
  let userId = "";
  return {
    amr: ["pwd"],
    isFirst: true,
    async find(db) {
      const created = await createUser(db, user, now);
      userId = created.id;
      return created;
    },
    async settle(db) {
      const { email: address } = user;
      const token = mailIsOn() && (await createLink(db, { purpose: "verify", userId, email: address, now }));
      await db.$executeRaw`RELEASE SAVEPOINT sign_up`;
      await recordEvent(db, { type: "signed_up", userId, now }, actor);
      if (token) await putMail(db, { kind: "verify", userId, address, data: { token }, now, isHidden: true });
    },
  };
}

/** `owner`: whose address it is, who is told where a form was sent. */
function nobody(user: NewUser, owner: Stored | null, kind: SignIn["kind"], now: Date, actor: Actor): Proof {
  let decoyId = "";
  return {
    amr: ["pwd"],
    isFirst: true,
    async find(db) {
      const decoy = await createUser(db, { ...user, email: `${crypto.randomUUID()}@decoy.invalid` }, now);
      decoyId = decoy.id;
      return decoy;
    },
    async settle(db) {
      if (mailIsOn()) await createLink(db, { purpose: "verify", userId: decoyId, email: user.email, now });
      await db.$executeRaw`ROLLBACK TO SAVEPOINT sign_up`;
      const userId = owner?.id ?? null;
      await recordEvent(db, { type: "sign_up_refused", userId, now }, actor);
      const data = { byForm: kind === "browser" };
      await putRequest(db, { kind: "known", userId, address: owner?.email ?? user.email, data, now });
    },
  };
}

async function createUser(db: Database, user: NewUser, now: Date) {
  await db.$executeRaw`SAVEPOINT sign_up`;
  return db.user.create({ data: { ...user, createdAt: now } });
}

/** Somebody else may have taken the address meanwhile. */
function noneIfTaken(error: unknown): null {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return null;
  throw error;
}
