import "server-only";
import { type Database, gatePrisma, inTransaction } from "@/lib/db";
import { extraClaims } from "@/lib/token/claims";
import { describeDevice } from "@/lib/session/device";
import { LIFETIMES } from "@/lib/session/limits";
import { AT_ONCE, endReplacedSession, endSurplusSessions, publishEnded } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { type Actor, createSession, lockUser } from "@/lib/session/queries";
import { endRemainingSurplus } from "@/lib/session/expire";
import { hashSecret, randomSecret, signToken } from "@/lib/token/token";
import { SECONDS } from "@/lib/time";
import type { Account, SignedIn, SignIn } from "./account";

/** Whose session it is, found or made in the transaction that writes the session. */
export type Owner = {
  /** Null: there is no such account. */
  find(db: Database): Promise<(Account & { deviceEpoch: number }) | null>;
  /** What is left to do once the session is written. */
  settle?(db: Database): Promise<void>;
};

/** The user whose password was right, unless it was changed or the account disabled since `passwordHash` was checked. */
export function ownerOf(user: Account & { deviceEpoch: number }, passwordHash: string): Owner {
  return {
    async find(db) {
      const locked = await lockUser(db, user.id);
      return locked && !locked.disabled && locked.passwordHash === passwordHash ? user : null;
    },
  };
}

/** Writes a session and signs its token. Null when it turns out to be nobody's. */
export async function startSession(
  owner: Owner,
  { kind, keep, deviceName, location, replaces, now }: SignIn,
  actor: Actor,
): Promise<SignedIn | null> {
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  const lifetime = keep ? LIFETIMES.kept : LIFETIMES.brief;
  // The token counts in whole seconds; the row's end is the same moment, so that one comparison settles both.
  const startedAt = Math.floor(now.getTime() / SECONDS);
  const expiresAt = new Date(startedAt * SECONDS + lifetime.absolute);

  const started = await inTransaction(gatePrisma(), async (db) => {
    const user = await owner.find(db);
    if (!user) return null;
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
    await owner.settle?.(db);
    const replaced = replaces ? await endReplacedSession(db, replaces, now, actor) : [];
    const surplus = await endSurplusSessions(db, { userId: user.id, keptId: session.id, now }, actor);
    return { user, session, replaced, surplus };
  });
  if (!started) return null;

  const { user, session, replaced, surplus } = started;
  await publishEnded([...replaced, ...surplus]);
  // An account from before the cap: its sign-in does not wait for all of them.
  if (surplus.length === AT_ONCE)
    void endRemainingSurplus({ userId: user.id, keptId: session.id, now }, actor);
  const token = await sessionToken(session, secret, startedAt);
  const { id, email, name, deviceEpoch } = user;
  return { user: { id, email, name }, session, token, deviceEpoch };
}

/** Signs the token of a session; `issuedAt` in Unix seconds. */
export async function sessionToken(session: Session, secret: string, issuedAt: number): Promise<string> {
  return signToken(
    {
      sub: session.userId,
      sid: session.id,
      jti: secret,
      iat: issuedAt,
      exp: Math.floor(session.expiresAt.getTime() / SECONDS),
      auth_time: issuedAt,
      amr: session.amr,
    },
    extraClaims({ userId: session.userId, sessionId: session.id, kind: session.kind }),
  );
}
