import { otherMethods } from "@/lib/http/route";
import { liveness } from "@/lib/http/status";

// Asked for at run time, and without a proxy by which Next would find out that it is.
export const dynamic = "force-dynamic";

export const GET = liveness;

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
