import { Problem } from "@/lib/errors";
import { hasBearer } from "@/lib/http/credential";
import {
  clearSession,
  identify,
  noContent,
  otherMethods,
  problemOf,
  revokingRoute,
  route,
  seeOther,
} from "@/lib/http/route";
import { revokeOwnSession } from "@/lib/session/revoke";

const end = revokingRoute(async (call) => {
  // Somebody else was faster: the session has ended all the same, but not by this call.
  if (!(await revokeOwnSession(call.caller, call))) throw new Problem("session_ended");
  return clearSession(call, noContent());
});

/** The Sign out button is a plain form: it always leaves on the login page, without a session. */
const leave = route(async (call) => {
  try {
    await revokeOwnSession(await identify(call), call);
  } catch (error) {
    const problem = problemOf(call, error);
    if (problem.code === "unavailable") return notLeft();
    throw problem;
  }
  // Pages that have ended every session before they have the cookie taken say how.
  const { searchParams } = new URL(call.request.url);
  const how = ["everywhere", "deleted"].find((each) => searchParams.has(each)) ?? "1";
  return clearSession(call, seeOther(`/login?signed_out=${how}`));
});

/** A person reads this: the browser shows it in place of the page. */
function notLeft(): Response {
  const words =
    "You’re still signed in: the service isn’t available right now. Go back and try again in a moment.";
  const headers = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Retry-After": "1",
  };
  return new Response(words, { status: 503, headers });
}

/** Ends the caller's session. */
export const POST: typeof end = (request, segments) => {
  const type = request.headers.get("content-type")?.toLowerCase() ?? "";
  const isForm = type.startsWith("application/x-www-form-urlencoded");
  // A program may label any body as a form: curl does so by default.
  return (isForm && !hasBearer(request.headers) ? leave : end)(request, segments);
};

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
