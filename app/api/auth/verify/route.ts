import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";
import { viewSession, viewUser } from "@/lib/session/session";

// Spares each request a proxy by which Next would find out.
export const dynamic = "force-dynamic";

/** Whether the caller's token is alive, and whose it is: for services that do not check it themselves. */
export const GET = authenticatedRoute(({ caller: { claims, session, user } }) => {
  // The secret of the session is nobody's but the caller's.
  const { jti: _, ...shown } = claims;
  return json({
    ...shown,
    active: true,
    user: viewUser(user),
    session: viewSession(session, session.id),
  });
});

export const POST = GET;

export const { DELETE, OPTIONS, PATCH, PUT } = otherMethods("GET", "HEAD", "POST");
