import "server-only";
import type { z } from "zod";
import { Problem } from "@/lib/errors";
import { bodyType, check, readForm, readJson } from "@/lib/http/body";
import { credentialOf } from "@/lib/http/credential";
import { requireSameOrigin } from "@/lib/http/origin";
import { type Call, json, problemOf, route, seeOther } from "@/lib/http/route";
import { mailIsOn } from "@/lib/mail/outbox";

// Routes that need mail. A server that sends none answers 404.

type RouteHandler = ReturnType<typeof route>;

const notThere = route(() => {
  throw new Problem("not_found");
});

/** The route, where this server sends mail; 404 for everybody where it does not. */
export function withMail(handler: RouteHandler): RouteHandler {
  return (request, segments) => (mailIsOn() ? handler : notThere)(request, segments);
}

/** What a route answers: the body for a program, and for a form the path of the page that is next. */
type Outcome = { body: Record<string, unknown>; status?: number; next: string };

/**
 * A route that asks for a link or uses one, for programs and for the form on `page`. What goes wrong with a form leads back there,
 * with the token as long as the link is good.
 */
export function linkRoute<T>(
  page: string,
  schemas: { json: z.ZodType<T>; form: z.ZodType<T> },
  use: (call: Call, body: T) => Promise<Outcome>,
): RouteHandler {
  const handler = route(async (call) => {
    const { request } = call;
    const type = bodyType(request.headers);
    if (type === "form" || credentialOf(request.headers)?.form === "cookie")
      requireSameOrigin(request.headers);
    if (type === "json") {
      const { body, status } = await use(call, await readJson(request, schemas.json));
      return json(body, status);
    }

    const typed = await readForm(request);
    try {
      return seeOther((await use(call, check(typed, schemas.form))).next);
    } catch (error) {
      const problem = problemOf(call, error);
      const query = new URLSearchParams({ error: problem.code });
      if (problem.retryAfter !== undefined) query.set("wait", String(problem.retryAfter));
      if (problem.code !== "invalid_link" && typed.token) query.set("token", typed.token);
      for (const [field, messages] of Object.entries(problem.errors ?? {}))
        query.set(field, messages.join(" "));
      return seeOther(`${page}?${query}`);
    }
  });
  return withMail(handler);
}
