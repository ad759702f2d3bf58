import { connection } from "next/server";
import { otherMethods } from "@/lib/http/route";
import { keySetFor } from "@/lib/http/status";

export async function GET(request: Request): Promise<Response> {
  await connection();
  return keySetFor(request.headers);
}

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
