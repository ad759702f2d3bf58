import { z } from "zod";
import { BODIES } from "@/app/api/auth/bodies";
import { limitAccountWrites } from "@/lib/account/limit/rate-limit";
import { Problem } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import {
  authenticatedRoute,
  clearSession,
  json,
  noContent,
  otherMethods,
  requireStepUp,
  revokingRoute,
  type Segments,
} from "@/lib/http/route";
import { renameSession } from "@/lib/session/queries";
import { revokeSession } from "@/lib/session/revoke";
import { viewSession } from "@/lib/session/session";

/** The id in the path. A malformed one is as unknown as any other. */
async function sessionId({ params }: Segments): Promise<string> {
  const id = z.uuid().safeParse((await params).id);
  if (!id.success) throw new Problem("not_found");
  return id.data.toLowerCase();
}

/** Ends one session of the caller's user. */
export const DELETE = revokingRoute(async (call, segments) => {
  const { session } = call.caller;
  const id = await sessionId(segments);
  if (id !== session.id) requireStepUp(call);
  if (!(await revokeSession(session, id, call))) throw new Problem("not_found");
  return id === session.id ? clearSession(call, noContent()) : noContent();
});

/** Names one live session of the caller's user. */
export const PATCH = authenticatedRoute(async (call, segments) => {
  const { session } = call.caller;
  const { name } = await readJson(call.request, BODIES.rename);
  await limitAccountWrites(session.userId, call.now);
  const renamed = await renameSession(
    { id: await sessionId(segments), userId: session.userId, name, now: call.now },
    call.actor,
  );
  if (!renamed) throw new Problem("not_found");
  return json({ session: viewSession(renamed, session.id) });
});

export const { GET, OPTIONS, POST, PUT } = otherMethods("DELETE", "PATCH");
