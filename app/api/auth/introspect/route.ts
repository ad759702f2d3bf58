import { introspect } from "@/lib/http/introspection";
import { otherMethods, route } from "@/lib/http/route";

/** Whether a token is alive, for clients that speak RFC 7662. */
export const POST = route(({ request, now }) => introspect(request, now));

export const { DELETE, GET, HEAD, OPTIONS, PATCH, PUT } = otherMethods("POST");
