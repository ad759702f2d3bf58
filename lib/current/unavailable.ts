import "server-only";
import { headers } from "next/headers";
import { isUnavailable } from "@/lib/database/errors";
import { Problem } from "@/lib/errors";
import { answerUnavailable } from "@/lib/http/node-server/exchange";
import { actorOf } from "@/lib/http/request";
import { log } from "@/lib/log";

/** Seconds after which to try again. */
const RETRY_AFTER = 1;

/**
 * For what a page or a server action has caught: whether it is that nobody can answer now. If so, the answer becomes a
 * 503 with `Retry-After`, whatever is rendered, and it is logged. If not, throw it on.
 */
export async function tellUnavailable(error: unknown): Promise<boolean> {
  const isBusy = error instanceof Problem && error.code === "unavailable";
  if (!isBusy && !isUnavailable(error)) return false;
  const sent = await headers();
  answerUnavailable(sent, RETRY_AFTER);
  log.error("database_unavailable", { request: actorOf(sent).requestId, error });
  return true;
}
