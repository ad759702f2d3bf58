import { otherMethods } from "@/lib/http/route";
import { liveness } from "@/lib/http/status";

// Rendered per request; saying so spares each request the Proxy with which Next would find out.
export const dynamic = "force-dynamic";

export const GET = liveness;

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
