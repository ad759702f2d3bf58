import "server-only";
import { hash, timingSafeEqual } from "node:crypto";
import { type Credential, openCredential, recallCredential } from "@/lib/token/credential";
import { noteEnded } from "@/lib/revocation/ended";
import { readThrough, recall } from "@/lib/revocation/cache";
import { endOverdueSession } from "./revoke";
import { type Known, type Session, type User, whyNotLive } from "./session";
import { findSession } from "./queries";
import type { TokenClaims } from "@/lib/token/token";

// The gate: the only place that decides whether a token is alive. Pages, actions, route handlers and the verify
// endpoint all ask it, every time.

export type Verdict =
  | { ok: true; session: Session; user: User; claims: TokenClaims }
  | { ok: false; reason: "missing" | "malformed" | "expired" | "unknown" }
  // The caller holds the secret of this session, so its end may be told.
  | { ok: false; reason: "ended" | "disabled"; session: Session };

export type Refusal = Extract<Verdict, { ok: false }>["reason"];

// The same as `webDigest`, at a tenth of its cost.
const digest = ({ form, value }: Credential) => hash("sha256", form + value, "hex");

/**
 * Whether the session of a credential is alive at `now`. Never throws for bad input; throws when the database is
 * needed and does not answer.
 *
 * Accepted is only what has a good signature, names a session that is live, and holds the secret of that session:
 * neither a dump of the database nor a leaked signing key is enough alone. Asking is not using: the caller says with
 * `noteSeen` that the session is in use.
 */
export async function verifySession(credential: Credential | null, now: Date): Promise<Verdict> {
  if (!credential) return { ok: false, reason: "missing" };
  const key = digest(credential);
  const opened = recallCredential(key, now) ?? (await openCredential(credential, key, now));
  if (!opened.ok) return opened;

  const { claims, secretHash } = opened;
  const remembered = recall(claims.sid);
  if (remembered && whyNotLive(remembered, now) === null) return admit(remembered, claims, secretHash);

  let known = await readThrough(claims.sid, () => findSession(claims.sid));
  if (!known || !owns(known, claims, secretHash)) return { ok: false, reason: "unknown" };

  let why = whyNotLive(known, now);
  if (why === "idle" || why === "expired") {
    await endOverdueSession(claims.sid, now);
    // Another instance may have seen the device in between: the row has the last word.
    known = await findSession(claims.sid);
    if (!known) return { ok: false, reason: "unknown" };
    why = whyNotLive(known, now);
  }
  if (why === null) return admit(known, claims, secretHash);
  if (known.session.endedAt) noteEnded(claims.sid);
  const disabled = why === "disabled" || known.session.endedReason === "account_disabled";
  return { ok: false, reason: disabled ? "disabled" : "ended", session: known.session };
}

function owns({ session, user }: Known, claims: TokenClaims, secretHash: Uint8Array): boolean {
  return user.id === claims.sub && timingSafeEqual(session.secretHash, secretHash);
}

function admit(known: Known, claims: TokenClaims, secretHash: Uint8Array): Verdict {
  if (!owns(known, claims, secretHash)) return { ok: false, reason: "unknown" };
  return { ok: true, session: known.session, user: known.user, claims };
}
