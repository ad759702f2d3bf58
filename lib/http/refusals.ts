import "server-only";
import type { ProblemCode } from "@/lib/errors";
import type { Refusal } from "@/lib/session/verify";

/** The problem code for each refusal of the gate. */
export const REFUSALS = {
  missing: "missing_token",
  malformed: "invalid_token",
  unknown: "invalid_token",
  expired: "token_expired",
  ended: "session_ended",
  disabled: "account_disabled",
} as const satisfies Record<Refusal, ProblemCode>;
