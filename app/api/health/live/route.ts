import { otherMethods } from "@/lib/http/route";

// Asked for at run time, and without a proxy by which Next would find out that it is.
export const dynamic = "force-dynamic";

/** The process answers. It asks nothing else, so that an orchestrator does not restart servers over a database. */
export function GET(): Response {
  return Response.json({ status: "ok" }, { headers: { "Cache-Control": "no-store" } });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
