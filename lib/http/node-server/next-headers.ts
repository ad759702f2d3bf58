import "server-only";
import type { IncomingMessage } from "node:http";
import { z } from "zod";

// Next tells itself things in headers, and strips only some of them from what a client sends.

/** Headers that only Next itself, or what it is hosted on, has reason to send: never a browser. */
const INTERNAL =
  /^(x-middleware-|x-next-|x-nextjs-|x-invoke-|x-prerender-|x-matched-path$|x-now-route-matches$|next-resume$|next-instant-|content-security-policy)/;

const segmentSchema = z.union([
  z.string(),
  z.tuple([
    z.string(),
    z.string(),
    z.enum([
      "c",
      "ci(.)",
      "ci(..)",
      "ci(...)",
      "ci(..)(..)",
      "oc",
      "d",
      "di(.)",
      "di(..)",
      "di(...)",
      "di(..)(..)",
    ]),
    z.array(z.string()).nullable(),
  ]),
]);

/** What Next 16 accepts, part by part: app-render/types.js. */
const routerStateSchema = z.tuple([
  segmentSchema,
  z.record(
    z.string(),
    z.lazy((): z.ZodType => routerStateSchema),
  ),
  z.tuple([z.string(), z.string()]).nullish(),
  z.enum(["refetch", "inside-shared-layout", "metadata-only"]).nullish(),
  z.number().nullish(),
  z.string().optional(),
]);

/** What the router in a page sends along to fetch another one. */
const OF_ROUTER = /^(rsc$|next-)/;

/** More layouts in one another than any page has. */
const DEEPEST = 50;

/**
 * Takes from a request the headers that only Next may set, among them the policy from which it reads the nonce of its
 * scripts, and a router's state that it could not read, which it would answer with a 500. Without one it sends the page whole.
 * A route of the API is no page: what the router says to one, Next would answer in its place.
 */
export function dropNextHeaders({ url = "/", headers }: Pick<IncomingMessage, "url" | "headers">): void {
  const isApi = /^\/(api|\.well-known)\//.test(url);
  for (const name in headers)
    if (INTERNAL.test(name) || (isApi && OF_ROUTER.test(name))) delete headers[name];
  const state = headers["next-router-state-tree"];
  if (state !== undefined && !isRouterState(String(state))) delete headers["next-router-state-tree"];
}

function isRouterState(text: string): boolean {
  try {
    const json = decodeURIComponent(text);
    return json.split("{").length <= DEEPEST && routerStateSchema.safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}
