import { authenticatedRoute, otherMethods, textOfJson } from "@/lib/http/route";
import { verifiedBody } from "@/lib/http/verified";

// Otherwise Next wraps each request in a Proxy to find this out.
export const dynamic = "force-dynamic";

/** Whether the caller's token is alive, and whose it is: for services that do not check it themselves. */
export const GET = authenticatedRoute(({ caller }) => textOfJson(verifiedBody(caller)));

export const POST = GET;

export const { DELETE, OPTIONS, PATCH, PUT } = otherMethods("GET", "HEAD", "POST");
