import "server-only";
import { json } from "@/lib/http/route";

/** An answer that browsers keep as a file. */
export function asFile(name: string, body: unknown): Response {
  const answer = json(body);
  answer.headers.set("Content-Disposition", `attachment; filename="${name}"`);
  return answer;
}
