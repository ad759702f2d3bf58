import "server-only";
import { prisma } from "@/lib/db";
import { extraClaims } from "@/lib/session/claims";
import { describeDevice } from "@/lib/session/device";
import { LIFETIMES } from "@/lib/session/limits";
import type { Session } from "@/lib/session/session";
import {
  type Actor,
  createSession,
  endReplacedSession,
  endSessionsOfUser,
  hasSessionFrom,
  lockUser,
  publishEnded,
  publishEndedOfUser,
  recordEvent,
  replaceSecret,
} from "@/lib/session/store";
import { hashSecret, randomSecret, signToken } from "@/lib/session/token";
import { SECONDS } from "@/lib/time";
import { Prisma } from "@/prisma/client/client";
import { countGuess, countSignUp } from "./guessing";
import { hashPassword, needsRehash, passwordProblem, verifyPassword } from "./password";

// Signing up, logging in, changing the password. The only queries on users.

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

type Refused = { ok: false; code: "rate_limited"; retryAfter: number };

/** The one spelling of an address: how it is stored, looked up and counted. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

async function findUser(email: string) {
  return prisma().user.findUnique({ where: { email: normaliseEmail(email) } });
}

/** A device from which this account has logged in before: by its cookie, or else by its address. */
async function knownDeviceOf(
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

/**
 * Logs in. `invalid_credentials` covers an unknown address, a wrong password and a disabled account alike, at the same
 * cost. Throws `unavailable` when too many passwords are being checked.
 */
export async function logIn(
  { email, password, ...signIn }: { email: string; password: string } & SignIn,
  actor: Actor,
): Promise<({ ok: true } & SignedIn) | { ok: false; code: "invalid_credentials" } | Refused> {
  const { now } = signIn;
  const user = await findUser(email);
  const knownDevice = await knownDeviceOf(user, signIn.device, actor);
  const guess = await countGuess({ email: normaliseEmail(email), address: actor.ip, knownDevice });
  if (!guess.allowed) {
    await recordEvent(prisma(), { type: "login_blocked", userId: user?.id ?? null, now }, actor);
    return { ok: false, code: "rate_limited", retryAfter: guess.retryAfter };
  }

  const right = await verifyPassword(user?.passwordHash ?? null, password);
  if (!user || !right || user.disabledAt) {
    await guess.wrong();
    await recordEvent(prisma(), { type: "login_failed", userId: user?.id ?? null, now }, actor);
    return { ok: false, code: "invalid_credentials" };
  }

  await guess.right();
  const checkedHash = needsRehash(user.passwordHash) ? await rehash(user, password) : user.passwordHash;
  const signedIn = await startSession(user, checkedHash, signIn, actor);
  return signedIn ? { ok: true, ...signedIn } : { ok: false, code: "invalid_credentials" };
}

async function rehash(user: { id: string; passwordHash: string }, password: string): Promise<string> {
  const passwordHash = await hashPassword(password);
  await prisma().user.updateMany({
    where: { id: user.id, passwordHash: user.passwordHash },
    data: { passwordHash },
  });
  return passwordHash;
}

/** Null when the password was changed or the account disabled since `passwordHash` was checked. */
async function startSession(
  user: Account,
  passwordHash: string,
  { kind, keep, deviceName, location, replaces, now }: SignIn,
  actor: Actor,
): Promise<SignedIn | null> {
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const lifetime = keep ? LIFETIMES.kept : LIFETIMES.brief;
  // The token counts in whole seconds; the row's end is the same moment, so that one comparison settles both.
  const startedAt = Math.floor(now.getTime() / SECONDS);
  const expiresAt = new Date(startedAt * SECONDS + lifetime.absolute);

  const started = await prisma().$transaction(async (db) => {
    const locked = await lockUser(db, user.id);
    if (!locked || locked.disabled || locked.passwordHash !== passwordHash) return null;
    const session = await createSession(
      db,
      {
        userId: user.id,
        kind,
        secretHash,
        amr: ["pwd"],
        keep,
        name: deviceName,
        ...describeDevice(actor.userAgent, kind),
        ip: actor.ip,
        location,
        idleSeconds: lifetime.idle / SECONDS,
        expiresAt,
        now,
      },
      actor,
    );
    const replaced = replaces ? await endReplacedSession(db, replaces, now, actor) : [];
    return { session, replaced };
  });
  if (!started) return null;

  await publishEnded(started.replaced);
  const token = await sessionToken(started.session, secret, startedAt);
  return { user: { id: user.id, email: user.email, name: user.name }, session: started.session, token };
}

async function sessionToken(session: Session, secret: string, issuedAt: number): Promise<string> {
  return signToken(
    {
      sub: session.userId,
      sid: session.id,
      jti: secret,
      iat: issuedAt,
      exp: session.expiresAt.getTime() / SECONDS,
      auth_time: issuedAt,
      amr: session.amr,
    },
    extraClaims({ userId: session.userId, sessionId: session.id, kind: session.kind }),
  );
}

/**
 * Signs up and logs in. A known address is `email_taken`, at the cost of a new one; the owner who signs up again in a
 * browser, with the right password, is simply logged in, so that a form can answer everybody alike.
 */
export async function signUp(
  { email, password, name, ...signIn }: { email: string; password: string; name: string } & SignIn,
  actor: Actor,
): Promise<
  | ({ ok: true } & SignedIn)
  | { ok: false; code: "email_taken" }
  | { ok: false; code: "weak_password"; message: string }
  | Refused
> {
  const { kind, now } = signIn;
  const problem = passwordProblem(password, { email, name });
  if (problem) return { ok: false, code: "weak_password", message: problem };
  const wait = await countSignUp(actor.ip);
  if (wait !== null) return { ok: false, code: "rate_limited", retryAfter: wait };

  // Either way one hash and one event.
  const known = await findUser(email);
  const knownDevice = await knownDeviceOf(known, signIn.device, actor);
  const guess = await countGuess({ email: normaliseEmail(email), address: actor.ip, knownDevice });
  if (!guess.allowed) return { ok: false, code: "rate_limited", retryAfter: guess.retryAfter };
  if (known) {
    const isOwner =
      (await verifyPassword(known.passwordHash, password)) && kind === "browser" && !known.disabledAt;
    await (isOwner ? guess.right() : guess.wrong());
    const signedIn = isOwner ? await startSession(known, known.passwordHash, signIn, actor) : null;
    if (signedIn) return { ok: true, ...signedIn };
    await recordEvent(prisma(), { type: "sign_up_refused", userId: known.id, now }, actor);
    return { ok: false, code: "email_taken" };
  }

  const passwordHash = await hashPassword(password);
  await guess.right();
  const user = await createUser({ email, name, passwordHash, now }, actor);
  const signedIn = user ? await startSession(user, passwordHash, signIn, actor) : null;
  return signedIn ? { ok: true, ...signedIn } : { ok: false, code: "email_taken" };
}

/** Null when somebody else took the address meanwhile. */
async function createUser(
  { email, name, passwordHash, now }: { email: string; name: string; passwordHash: string; now: Date },
  actor: Actor,
): Promise<Account | null> {
  try {
    return await prisma().$transaction(async (db) => {
      const user = await db.user.create({
        data: { email: normaliseEmail(email), name, passwordHash, createdAt: now },
      });
      await recordEvent(db, { type: "signed_up", userId: user.id, now }, actor);
      return user;
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return null;
    throw error;
  }
}

/** A token of a session that never was: it looks like every other one and opens nothing. For `app/api/auth/signup`. */
export async function decoyToken({
  keep,
  now,
}: {
  keep: boolean;
  now: Date;
}): Promise<{ token: string; expiresAt: Date }> {
  const issuedAt = Math.floor(now.getTime() / SECONDS);
  const expiresAt = new Date(issuedAt * SECONDS + (keep ? LIFETIMES.kept : LIFETIMES.brief).absolute);
  const token = await signToken({
    sub: crypto.randomUUID(),
    sid: crypto.randomUUID(),
    jti: randomSecret(),
    iat: issuedAt,
    exp: expiresAt.getTime() / SECONDS,
    auth_time: issuedAt,
    amr: ["pwd"],
  });
  return { token, expiresAt };
}

/**
 * Changes the password of the owner of `session`: every other session ends, and this one gets a new secret, so that
 * its old token is worth nothing either. Returns its new token.
 */
export async function changePassword(
  {
    session,
    user,
    current,
    next,
    now,
  }: { session: Session; user: Account; current: string; next: string; now: Date },
  actor: Actor,
): Promise<
  | { ok: true; token: string; ended: number }
  | { ok: false; code: "wrong_password" | "session_ended" }
  | { ok: false; code: "weak_password"; message: string }
  | Refused
> {
  const problem = passwordProblem(next, user);
  if (problem) return { ok: false, code: "weak_password", message: problem };
  const guess = await countGuess({
    email: user.email,
    address: actor.ip,
    knownDevice: `session:${session.id}`,
  });
  if (!guess.allowed) return { ok: false, code: "rate_limited", retryAfter: guess.retryAfter };

  const stored = await findUser(user.email);
  if (!stored || !(await verifyPassword(stored.passwordHash, current))) {
    await guess.wrong();
    return { ok: false, code: "wrong_password" };
  }
  await guess.right();

  const passwordHash = await hashPassword(next);
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const done = await prisma().$transaction(async (db) => {
    const locked = await lockUser(db, user.id);
    if (!locked || locked.disabled || locked.passwordHash !== stored.passwordHash) return null;
    const kept = await replaceSecret(db, { id: session.id, userId: user.id, secretHash, now });
    if (!kept) return null;
    await db.user.update({ where: { id: user.id }, data: { passwordHash } });
    await recordEvent(db, { type: "password_changed", userId: user.id, sessionId: session.id, now }, actor);
    return endSessionsOfUser(
      db,
      { userId: user.id, exceptId: session.id, reason: "password_changed", byId: session.id, now },
      actor,
    );
  });
  if (!done) return { ok: false, code: "session_ended" };

  await publishEndedOfUser(done, user.id);
  const token = await sessionToken(session, secret, Math.floor(now.getTime() / SECONDS));
  return { ok: true, token, ended: done.length };
}
