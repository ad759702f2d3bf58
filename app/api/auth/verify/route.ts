import { authenticatedRoute, json } from "@/lib/http/route";
import { viewSession } from "@/lib/session/session";

/** Whether the caller's token is alive, and whose it is: for services that do not check it themselves. */
export const GET = authenticatedRoute(async ({ caller: { claims, session, user } }) => {
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
