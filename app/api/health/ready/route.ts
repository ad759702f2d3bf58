import { connection } from "next/server";
import { otherMethods } from "@/lib/http/route";
import { readiness } from "@/lib/http/status";

export async function GET(): Promise<Response> {
  await connection();
  return readiness();
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
