import "server-only";
import { z } from "zod";
import { gatePrisma } from "@/lib/db";
import { describeDevice } from "@/lib/session/device";
import { sessionView } from "@/lib/session/session";
import type { SecurityEvent } from "@/prisma/client/client";

/** An event of an account as its owner may see it. `session` is an id; times are RFC 3339 UTC. */
export const eventView = z
  .object({
    id: z.uuid(),
    type: z.string(),
    at: z.iso.datetime(),
    session: z.uuid().nullable(),
    ip: z.string().nullable(),
    device: sessionView.shape.device.nullable(),
    detail: z.unknown(),
  })
  .meta({ id: "Event" });

export type EventView = z.infer<typeof eventView>;

const SHOWN = {
  id: true,
  type: true,
  sessionId: true,
  ip: true,
  userAgent: true,
  detail: true,
  createdAt: true,
} as const;

/**
 * Lists the events of an account, `take` at most, latest first, after the one that happened `at` and has this id: all of them,
 * or those of some types.
 */
export async function listActivity(
  userId: string,
  {
    take,
    after,
    types,
  }: {
    take: number;
    after?: { at: Date; id: string } | undefined;
    types?: readonly string[] | undefined;
  },
): Promise<EventView[]> {
  const isAfter = after && {
    OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
  };
  const events = await gatePrisma().securityEvent.findMany({
    where: { userId, ...isAfter, ...(types && { type: { in: [...types] } }) },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    select: SHOWN,
  });
  return events.map(viewEvent);
}

function viewEvent({
  id,
  type,
  sessionId,
  ip,
  userAgent,
  detail,
  createdAt,
}: Pick<SecurityEvent, keyof typeof SHOWN>): EventView {
  return {
    id,
    type,
    at: createdAt.toISOString(),
    session: sessionId,
    ip,
    device: deviceOf(userAgent),
    detail,
  };
}

function deviceOf(userAgent: string | null): EventView["device"] {
  if (userAgent === null) return null;
  const { deviceType, browser, os } = describeDevice(userAgent, "browser");
  return { type: deviceType, browser, os };
}
