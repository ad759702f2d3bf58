import "server-only";
import { hash, timingSafeEqual } from "node:crypto";
import { noteEnded } from "@/lib/revocation/ended";
import { type Credential, openCredential, recallCredential } from "@/lib/token/credential";
import type { TokenClaims } from "@/lib/token/token";
import { sessionCache } from "./cache";
import { findSession } from "./queries";
import { expireSession } from "./revoke";
import { inactiveReason, type Session, type SessionWithUser, type User } from "./session";

// The gate: the only place that decides whether a token is alive. Pages, actions, route handlers and the verify
// endpoint all ask it, every time.

/** A caller whom the gate lets in. */
export type Admitted = { ok: true; session: Session; user: User; claims: TokenClaims };

export type Verdict =
  | Admitted
  | { ok: false; reason: "missing" | "malformed" | "expired" | "unknown" }
  // The caller holds the secret of this session, so it may learn of the end.
  | { ok: false; reason: "ended" | "disabled"; session: Session };

export type Refusal = Extract<Verdict, { ok: false }>["reason"];

// The same as `webDigest`, at a tenth of its cost.
const digest = ({ form, value }: Credential) => hash("sha256", form + value, "hex");

/**
 * Decides whether the session of a credential is live at `now`. Never throws for bad input; throws if it needs the database
 * and the database does not answer.
 *
 * A token needs a good signature, must name a live session, and must hold the secret of that session: neither a database
 * dump nor a leaked signing key is enough. A check is not a use: `touchSession` notes that a session is in use.
 */
export async function verifySession(credential: Credential | null, now: Date): Promise<Verdict> {
  if (!credential) return { ok: false, reason: "missing" };
  const key = digest(credential);
  const opened = recallCredential(key, now) ?? (await openCredential(credential, key, now));
  if (!opened.ok) return opened;

  const { claims, secretHash } = opened;
  const cached = sessionCache().get(claims.sid);
  if (cached && inactiveReason(cached, now) === null) return admit(cached, claims, secretHash);

  let found = await sessionCache().read(claims.sid, () => findSession(claims.sid));
  if (!found || !owns(found, claims, secretHash)) return { ok: false, reason: "unknown" };

  let reason = inactiveReason(found, now);
  if (reason === "idle" || reason === "expired") {
    await expireSession(claims.sid, now);
    // Another instance may have touched the session meanwhile: the row has the last word.
    found = await findSession(claims.sid);
    if (!found) return { ok: false, reason: "unknown" };
    reason = inactiveReason(found, now);
  }
  if (reason === null) return admit(found, claims, secretHash);
  if (found.session.endedAt) noteEnded(claims.sid);
  const disabled = reason === "disabled" || found.session.endedReason === "account_disabled";
  return { ok: false, reason: disabled ? "disabled" : "ended", session: found.session };
}

function owns({ session, user }: SessionWithUser, claims: TokenClaims, secretHash: Uint8Array): boolean {
  return user.id === claims.sub && timingSafeEqual(session.secretHash, secretHash);
}

function admit(found: SessionWithUser, claims: TokenClaims, secretHash: Uint8Array): Verdict {
  if (!owns(found, claims, secretHash)) return { ok: false, reason: "unknown" };
  return { ok: true, session: found.session, user: found.user, claims };
}
