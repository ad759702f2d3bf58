import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";
import { credentialOf } from "@/lib/http/credential";
import { otherMethods, route } from "@/lib/http/route";
import { readMetrics } from "@/lib/metrics";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** The metrics for Prometheus. Off without `METRICS_TOKEN`, which the scraper shows as a Bearer token. */
export const GET = route(async ({ request }) => {
  const { metricsToken } = env();
  if (metricsToken === null) throw new Problem("not_found");
  const credential = credentialOf(request.headers);
  if (credential?.form !== "bearer") throw new Problem("missing_token");
  if (!timingSafeEqual(digest(credential.value), digest(metricsToken))) throw new Problem("invalid_token");
  const { text, type } = await readMetrics();
  return new Response(text, { headers: { "Content-Type": type, "Cache-Control": "no-store" } });
});

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
