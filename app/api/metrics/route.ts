import { otherMethods, route } from "@/lib/http/route";
import { metricsFor } from "@/lib/http/status";

export const GET = route(({ request }) => metricsFor(request.headers));

export const { DELETE, OPTIONS, PATCH, POST, PUT } = otherMethods("GET", "HEAD");
