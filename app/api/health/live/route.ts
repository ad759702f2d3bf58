import { connection } from "next/server";
import { otherMethods } from "@/lib/http/route";

/** The process answers. It asks nothing else, so that an orchestrator does not restart servers over a database. */
export async function GET(): Promise<Response> {
  await connection();
  return Response.json({ status: "ok" }, { headers: { "Cache-Control": "no-store" } });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
