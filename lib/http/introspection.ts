import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";
import { verifySession } from "@/lib/session/verify";
import { bodyType, readForm } from "./body";

/** The same for every token that is not alive, so that nobody learns why (RFC 7662, 2.2). */
const INACTIVE = { active: false };

/**
 * Token introspection (RFC 7662): what a token says, if it is alive at `now`. The client authenticates by HTTP Basic against
 * `INTROSPECTION_CLIENTS`; without any the endpoint does not exist. Throws problems.
 */
export async function introspect(request: Request, now: Date): Promise<Response> {
  const { introspectionClients } = env();
  if (introspectionClients.size === 0) throw new Problem("not_found");
  if (!isClient(request.headers.get("authorization"))) return unauthorized();
  if (bodyType(request.headers) !== "form") throw new Problem("unsupported_media_type");
  const { token } = await readForm(request);
  if (!token) throw new Problem("invalid_request", { errors: { token: ["Send the token."] } });

  const verdict = await verifySession({ form: "bearer", value: token }, now);
  if (!verdict.ok) return answer(INACTIVE);
  const { jti: _, ...claims } = verdict.claims;
  return answer({ ...claims, active: true, token_type: "Bearer", username: verdict.user.email });
}

function answer(body: object): Response {
  return Response.json(body, { headers: { "Cache-Control": "no-store" } });
}

/** RFC 7617, and RFC 6749, 5.2. */
function unauthorized(): Response {
  const headers = {
    "WWW-Authenticate": 'Basic realm="introspection", charset="UTF-8"',
    "Cache-Control": "no-store",
  };
  return Response.json({ error: "invalid_client" }, { status: 401, headers });
}

const digest = (text: string) => createHash("sha256").update(text).digest();

function isClient(authorization: string | null): boolean {
  const [, encoded = ""] = /^basic +([\w+/=-]+) *$/i.exec(authorization ?? "") ?? [];
  const [, name = "", secret = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  const expected = env().introspectionClients.get(decoded(name));
  // As long for a name that nobody has.
  const isRight = timingSafeEqual(digest(decoded(secret)), digest(expected ?? "nobody"));
  return isRight && expected !== undefined;
}

/** Clients send both percent-encoded (RFC 6749, 2.3.1); many forget to. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
