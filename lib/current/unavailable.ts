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
 * Whether an error that a page or a server action has caught means "nobody can answer now". If so, turns the response into a
 * 503 with `Retry-After`, whatever is rendered, and logs it. If not, rethrow the error.
 */
export async function tellUnavailable(error: unknown): Promise<boolean> {
  const isBusy = error instanceof Problem && error.code === "unavailable";
  if (!isBusy && !isUnavailable(error)) return false;
  const sent = await headers();
  answerUnavailable(sent, RETRY_AFTER);
  log.error("database_unavailable", { request: actorOf(sent).requestId, error });
  return true;
}
