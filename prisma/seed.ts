import { hashPassword } from "@/lib/account/password/password";
import { closeDatabase, prisma } from "@/lib/db";
import { DEMO_PASSWORD, DEMO_USERS } from "@/lib/demo";
import { LIFETIMES } from "@/lib/product";
import { describeDevice } from "@/lib/session/device";
import { DAYS, HOURS, MINUTES, SECONDS } from "@/lib/time";
import type { EndedReason } from "@/prisma/client/enums";

/** The accounts that `seed` makes, as the launcher prints them. */
export const DEMO_LOGINS = DEMO_USERS.map(({ email }) => ({ email, password: DEMO_PASSWORD }));

type Device = {
  userAgent: string;
  kind?: "api";
  name?: string;
  ip: string;
  location?: string;
  /** How long ago, in milliseconds. */
  signedIn: number;
  seen: number;
  ended?: { ago: number; reason: EndedReason; by?: string };
};

const CHROME_MAC =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const FIREFOX_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const SAFARI_IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
const SAFARI_IPAD =
  "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
const CURL = "curl/8.17.0";

// Addresses from the ranges for documentation (RFC 5737 and 3849).
const DEVICES: Device[] = [
  {
    userAgent: CHROME_MAC,
    name: "Work laptop",
    ip: "192.0.2.10",
    location: "Lisbon, PT",
    signedIn: 12 * DAYS,
    seen: 40 * SECONDS,
  },
  {
    userAgent: SAFARI_IPHONE,
    ip: "198.51.100.7",
    location: "Lisbon, PT",
    signedIn: 3 * DAYS,
    seen: 25 * MINUTES,
  },
  {
    userAgent: FIREFOX_WINDOWS,
    ip: "203.0.113.44",
    location: "Porto, PT",
    signedIn: 6 * DAYS,
    seen: 2 * DAYS,
  },
  {
    userAgent: CURL,
    kind: "api",
    name: "Nightly report",
    ip: "2001:db8::17",
    signedIn: 20 * DAYS,
    seen: 5 * HOURS,
  },
  {
    userAgent: SAFARI_IPAD,
    ip: "203.0.113.45",
    location: "Madrid, ES",
    signedIn: 9 * DAYS,
    seen: 5 * DAYS,
    ended: { ago: 4 * DAYS, reason: "ended_from_another_device", by: "Work laptop" },
  },
  {
    userAgent: FIREFOX_WINDOWS,
    ip: "203.0.113.44",
    location: "Porto, PT",
    signedIn: 11 * DAYS,
    seen: 10 * DAYS,
    ended: { ago: 10 * DAYS, reason: "logout" },
  },
];

/** Adds two demo accounts with several devices each. Does nothing to accounts that are there already. */
export async function seed(_url: string): Promise<void> {
  const now = Date.now();
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  for (const user of DEMO_USERS) {
    if (await prisma().user.findUnique({ where: { email: user.email } })) continue;
    const { id } = await prisma().user.create({
      data: {
        ...user,
        passwordHash,
        createdAt: new Date(now - 30 * DAYS),
        emailVerifiedAt: new Date(now - 30 * DAYS),
      },
    });
    const byName = new Map<string, string>();
    for (const device of DEVICES) {
      const session = await prisma().session.create({ data: { userId: id, ...rowOf(device, byName, now) } });
      if (device.name) byName.set(device.name, session.id);
      await prisma().securityEvent.createMany({ data: eventsOf(device, session, now) });
    }
  }
  await closeDatabase();
}

/** What the activity says of a session. */
function eventsOf(
  { userAgent, ip, signedIn, ended }: Device,
  { id: sessionId, userId }: { id: string; userId: string },
  now: number,
) {
  const event = { userId, sessionId, ip, userAgent };
  const started = { ...event, type: "session_started", createdAt: new Date(now - signedIn) };
  if (!ended) return [started];
  const detail = { reason: ended.reason };
  return [started, { ...event, type: "session_ended", detail, createdAt: new Date(now - ended.ago) }];
}

/** A session as it would be today. Nobody knows its secret: demo devices are to look at and to end. */
function rowOf(
  { userAgent, kind = undefined, name, ip, location, signedIn, seen, ended }: Device,
  byName: Map<string, string>,
  now: number,
) {
  const ago = (milliseconds: number) => new Date(now - milliseconds);
  return {
    kind: kind ?? ("browser" as const),
    ...describeDevice(userAgent, kind ?? "browser"),
    name: name ?? null,
    ip,
    location: location ?? null,
    secretHash: crypto.getRandomValues(new Uint8Array(32)),
    amr: ["pwd"],
    keep: true,
    createdAt: ago(signedIn),
    authTime: ago(signedIn),
    lastSeenAt: ago(seen),
    idleSeconds: LIFETIMES.kept.idle / SECONDS,
    expiresAt: ago(signedIn - LIFETIMES.kept.absolute),
    endedAt: ended ? ago(ended.ago) : null,
    endedReason: ended?.reason ?? null,
    endedById: (ended?.by && byName.get(ended.by)) || null,
    confirmedAt: ended?.by ? ago(ended.ago - 400) : null,
  };
}
