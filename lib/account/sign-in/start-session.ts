import "server-only";
import { type SignedIn, type SignIn, type Stored, userOf } from "@/lib/account/account";
import type { Actor } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { LIFETIMES } from "@/lib/product";
import { describeDevice } from "@/lib/session/device";
import { endRemainingSurplus } from "@/lib/session/expire";
import { AT_ONCE, createSession, lockUser, replacedSession, surplusSessions } from "@/lib/session/queries";
import { revoking } from "@/lib/session/revoke";
import type { Session } from "@/lib/session/session";
import { SECONDS } from "@/lib/time";
import { extraClaims } from "@/lib/token/claims";
import { hashSecret, randomSecret, signToken } from "@/lib/token/token";
import { isNewPlace } from "./known-places";
import { tellOfSignIn } from "./sign-in-notice";

/** Shows whose session it is. Another way to sign in is another proof: docs/extending.md. */
export type Proof = {
  /** How the person was recognised (RFC 8176), for instance `["pwd"]`: the `amr` of the token. */
  amr: string[];
  /** The session in which this one is made for a program: it takes over when the person last proved who they are. */
  madeIn?: Session;
  /** Whether it is the first session of a new account. */
  isFirst?: boolean;
  /** The user, found or made in the transaction that writes the session, and locked (`lockUser`). Null: there is no such account. */
  find(db: Database): Promise<Stored | null>;
  /** Called after the session is written, in the same transaction. */
  settle?(db: Database): Promise<void>;
};

/** A right password, unless it was changed or the account disabled since `user` was read. */
export function passwordProof(user: Stored, passwordHash: string): Proof {
  return {
    amr: ["pwd"],
    async find(db) {
      const locked = await lockUser(db, user.id);
      return locked && !locked.disabled && locked.passwordHash === passwordHash ? user : null;
    },
  };
}

/** Starts a session and signs its token. Null if the proof finds nobody. */
export async function startSession(proof: Proof, signIn: SignIn, actor: Actor): Promise<SignedIn | null> {
  const { kind, keep, deviceName, location, replaces, now } = signIn;
  const lifetime = signIn.lifetime ?? (keep ? LIFETIMES.kept : LIFETIMES.brief);
  const secret = randomSecret();
  const secretHash = await hashSecret(secret);
  // A token expires on a whole second. The row ends at the same moment, so that one comparison covers both.
  const expiresAt = new Date(inSeconds(now) * SECONDS + lifetime.absolute);

  const started = await revoking(async (db, revoke) => {
    const user = await proof.find(db);
    if (!user) return null;
    // A session that was made in another one is no sign-in, and the first sign-in has no earlier place to differ from.
    const isNew = !proof.madeIn && (await isNewPlace(db, user.id, signIn, actor)) && !proof.isFirst;
    const session = await createSession(
      db,
      {
        userId: user.id,
        kind,
        secretHash,
        amr: proof.amr,
        keep,
        name: deviceName,
        // The program that will use it is not known yet.
        ...describeDevice(proof.madeIn ? null : actor.userAgent, kind),
        ip: actor.ip,
        location,
        idleSeconds: lifetime.idle / SECONDS,
        expiresAt,
        authTime: proof.madeIn?.authTime ?? now,
        now,
        detail: proof.madeIn ? { by: proof.madeIn.id } : { new_place: isNew },
      },
      actor,
    );
    // Before the commit: there must be no session whose token cannot be signed.
    const token = await sessionToken(user, session, secret, now);
    if (isNew) await tellOfSignIn(db, user, session, now);
    await proof.settle?.(db);
    const ending = { reason: "replaced", now } as const;
    if (replaces) await revoke(replacedSession(replaces, now), ending, actor);
    const which = { userId: user.id, keptId: session.id, now };
    const surplus = await revoke(surplusSessions(which), ending, actor);
    return { user, session, token, which, isMore: surplus.length === AT_ONCE };
  });
  if (!started) return null;

  const { user, session, token, which, isMore } = started;
  // In an account from before the cap, the sign-in does not wait for all of them to end.
  if (isMore) void endRemainingSurplus(which, actor);
  return { user: userOf(user), session, token, deviceEpoch: user.deviceEpoch };
}

/** Signs the token of a session, issued `now`. */
export async function sessionToken(
  { passwordHash: _, ...user }: Stored,
  session: Session,
  secret: string,
  now: Date,
): Promise<string> {
  return signToken(
    {
      sub: session.userId,
      sid: session.id,
      jti: secret,
      iat: inSeconds(now),
      exp: inSeconds(session.expiresAt),
      auth_time: inSeconds(session.authTime),
      amr: session.amr,
    },
    await extraClaims({ user, session: { id: session.id, kind: session.kind } }),
  );
}

const inSeconds = (time: Date) => Math.floor(time.getTime() / SECONDS);
