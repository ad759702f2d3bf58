import { authenticatedRoute, json, otherMethods } from "@/lib/http/route";
import { viewSession } from "@/lib/session/session";

// Spares each request a proxy by which Next would find out.
export const dynamic = "force-dynamic";

/** Whether the caller's token is alive, and whose it is: for services that do not check it themselves. */
export const GET = authenticatedRoute(({ caller: { claims, session, user } }) => {
  const { iss, aud, sub, sid, iat, exp, auth_time, amr } = claims;
  const { id, email, name } = user;
  return json({
    active: true,
    iss,
    aud,
    sub,
    sid,
    iat,
    exp,
    auth_time,
    amr,
    user: { id, email, name },
    session: viewSession(session, session.id),
  });
});

export const POST = GET;

export const { DELETE, OPTIONS, PATCH, PUT } = otherMethods("GET", "HEAD", "POST");
