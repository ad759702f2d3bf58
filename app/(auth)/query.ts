import type { Route } from "next";
import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "@/lib/errors";
import { nextPath } from "@/lib/http/next-path";
import { DAYS, SECONDS } from "@/lib/time";

const isCode = (code: string | undefined): code is ProblemCode =>
  code !== undefined && Object.hasOwn(PROBLEMS, code);

const LONGEST_WAIT = (1 * DAYS) / SECONDS;

// A parameter that stands twice arrives as an array, and says nothing.
const one = z.string().optional().catch(undefined);
const querySchema = z.object({ error: one, wait: one, next: one, signed_out: one });

/** How somebody came to sign out by themselves. */
export type SignedOut = "here" | "everywhere" | "deleted";

const SIGNED_OUT: Record<string, SignedOut> = { "1": "here", everywhere: "everywhere", deleted: "deleted" };

/** How long to wait; 0 for what no answer of ours says. */
function secondsOf(wait: string | undefined): number {
  const seconds = Number(wait);
  return seconds > 0 && seconds <= LONGEST_WAIT ? seconds : 0;
}

/** What the address of a form page says. `next` is a path of this site, or null. */
export function readQuery(query: unknown): {
  problem: { title: string; wait: number } | null;
  next: Route | null;
  signedOut: SignedOut | null;
} {
  const { error, wait, next, signed_out } = querySchema.parse(query);
  return {
    problem: isCode(error) ? { title: PROBLEMS[error].title, wait: secondsOf(wait) } : null,
    next: next !== undefined && nextPath(next) === next ? (next as Route) : null,
    signedOut: SIGNED_OUT[signed_out ?? ""] ?? null,
  };
}
