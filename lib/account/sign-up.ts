import "server-only";
import { gatePrisma } from "@/lib/db";
import { type Actor, recordEvent } from "@/lib/session/store";
import { Prisma } from "@/prisma/client/client";
import {
  findAccount,
  knownDeviceOf,
  normaliseEmail,
  type Refused,
  type SignedIn,
  type SignIn,
} from "./account";
import { countGuess, countSignUp } from "./guessing";
import { hashPassword, passwordProblem, verifyPassword } from "./password";
import { type Owner, ownerOf, startSession } from "./start-session";

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
  const known = await findAccount(email);
  const knownDevice = await knownDeviceOf(known, signIn.device, actor);
  const guess = await countGuess({ email: normaliseEmail(email), address: actor.ip, knownDevice });
  if (!guess.allowed) return { ok: false, code: "rate_limited", retryAfter: guess.retryAfter };
  if (known) {
    const isOwner = await guess.settle(
      async () =>
        (await verifyPassword(known.passwordHash, password)) && kind === "browser" && !known.disabledAt,
    );
    const signedIn = isOwner ? await startSession(ownerOf(known, known.passwordHash), signIn, actor) : null;
    if (signedIn) return { ok: true, ...signedIn };
    await recordEvent(gatePrisma(), { type: "sign_up_refused", userId: known.id, now }, actor);
    return { ok: false, code: "email_taken" };
  }

  const passwordHash = await guess.settle(() => hashPassword(password));
  const owner: Owner = async (db) => {
    const user = await db.user.create({
      data: { email: normaliseEmail(email), name, passwordHash, createdAt: now },
    });
    await recordEvent(db, { type: "signed_up", userId: user.id, now }, actor);
    return user;
  };
  const signedIn = await startSession(owner, signIn, actor).catch(noneIfTaken);
  return signedIn ? { ok: true, ...signedIn } : { ok: false, code: "email_taken" };
}

/** Somebody else may have taken the address meanwhile. */
function noneIfTaken(error: unknown): null {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") return null;
  throw error;
}
