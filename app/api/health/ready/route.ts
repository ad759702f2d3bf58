import { connection } from "next/server";
import { databaseCanWrite } from "@/lib/db";
import { otherMethods } from "@/lib/http/route";

/** This process can write to the database, too: it may get traffic. */
export async function GET(): Promise<Response> {
  await connection();
  const ready = await databaseCanWrite();
  const headers = { "Cache-Control": "no-store", ...(ready ? {} : { "Retry-After": "1" }) };
  return Response.json({ status: ready ? "ok" : "unavailable" }, { status: ready ? 200 : 503, headers });
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
