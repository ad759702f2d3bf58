import "server-only";
import { headers } from "next/headers";
import { isUnavailable } from "@/lib/database/errors";
import { Problem } from "@/lib/errors";
import { answerWith } from "@/lib/http/node-server/exchange";
import { actorOf } from "@/lib/http/request";
import { log } from "@/lib/log";

/** Seconds after which to try again. */
const RETRY_AFTER = 1;

/**
 * What an error means that a page or a server action has caught: `unavailable`, nobody can answer now, or `forbidden`, the
 * role of the caller does not allow this. Gives the response its status, 503 with `Retry-After` or 403, whatever is
 * rendered, and logs the first. Null means anything else: rethrow the error.
 */
export async function tellRefusal(error: unknown): Promise<"unavailable" | "forbidden" | null> {
  const code = error instanceof Problem ? error.code : null;
  if (code === "forbidden") {
    answerWith(await headers(), { status: 403 });
    return code;
  }
  if (code !== "unavailable" && !isUnavailable(error)) return null;
  const sent = await headers();
  answerWith(sent, { status: 503, fields: { "Retry-After": String(RETRY_AFTER) } });
  log.error("database_unavailable", { request: actorOf(sent).requestId, error });
  return "unavailable";
}
