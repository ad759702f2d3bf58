import "server-only";
import type { Actor } from "@/lib/audit";
import { type Database, mailPrisma } from "@/lib/db";
import { env } from "@/lib/env";
import { openSeal, seal } from "@/lib/token/seal";
import type { OutboxMail } from "@/prisma/client/client";
import { type Mails, type Rendered, render } from "./messages";
import { wakeMailer } from "./wake";

// A mail is a row, written in the transaction of the event that it reports and sent after the commit: see delivery.ts. Its
// content is sealed, because it holds links: a dump of the database alone must not let anybody use them.

/**
 * Requests whose outcome may not show in the status, the bytes or the time of the answer. They are decided after it, in
 * lib/account/link/mail-requests.ts.
 */
export type MailRequests = {
  /** A link to choose a new password. */
  forgot: { actor: Actor };
  /** A sign-up with an address that has an account. A program was told so, and then its owner is not. */
  known: { byForm: boolean };
  /** A link to a new address of an account. */
  change: { userId: string };
};

export type RequestKind = keyof MailRequests;

/** Everything that can be in the outbox, with what each needs. */
type Rows = { [K in keyof Mails as `mail:${K}`]: Mails[K] } & {
  [K in RequestKind as `request:${K}`]: MailRequests[K];
};

/** Whether this server sends mail at all. */
export function mailIsOn(): boolean {
  return env().mail.by !== "nothing";
}

/** Decisions are made this long after their request at most, at a random moment, so that no later answer tells them. */
const LATEST_DECISION = 1_000;

/** Writes a mail into the outbox. Give it the transaction of what it tells. Without mail it does nothing. */
export async function putMail<K extends keyof Mails>(
  db: Database,
  mail: {
    kind: K;
    userId: string;
    address: string;
    data: Mails[K];
    now: Date;
    /** Whether the sending, too, must not tell that there is a mail. */
    isHidden?: boolean;
  },
): Promise<void> {
  const delay = mail.isHidden ? Math.random() * LATEST_DECISION : 0;
  await put(db, { ...mail, kind: `mail:${mail.kind}`, delay });
}

/** Writes a request into the outbox. The statement is the same for known and unknown addresses. Without mail it does nothing. */
export async function putRequest<K extends RequestKind>(
  db: Database,
  request: { kind: K; userId: string | null; address: string; data: MailRequests[K]; now: Date },
): Promise<void> {
  await put(db, { ...request, kind: `request:${request.kind}`, delay: Math.random() * LATEST_DECISION });
}

async function put(
  db: Database,
  row: {
    kind: keyof Rows;
    userId: string | null;
    address: string;
    data: Rows[keyof Rows];
    now: Date;
    delay: number;
  },
): Promise<void> {
  if (!mailIsOn()) return;
  const { kind, userId, address, now, delay } = row;
  const data = await seal({ mail: row.data }, 0);
  await db.outboxMail.create({
    data: { kind, userId, address, data, createdAt: now, dueAt: new Date(now.getTime() + delay) },
    select: { id: true },
  });
  wakeMailer(delay);
}

/**
 * Removes the mails that wait for a user, or those of some kinds. Skips a mail that is being sent: its row is locked, and its
 * sender checks that the account still exists.
 */
export async function takeBackMail(
  db: Database,
  { userId, address = "", kinds = null }: { userId: string; address?: string; kinds?: (keyof Rows)[] | null },
): Promise<void> {
  await db.$executeRaw`
    DELETE FROM outbox WHERE id IN (
      SELECT id FROM outbox
      WHERE (user_id = ${userId}::uuid OR address = ${address})
        AND (${kinds}::text[] IS NULL OR kind = ANY(${kinds}::text[]))
      FOR UPDATE SKIP LOCKED)`;
}

/** A row of the outbox, opened. */
export type Opened = { what: "mail"; kind: keyof Mails; data: Mails[keyof Mails] } | OpenedRequest;

export type OpenedRequest = {
  [K in RequestKind]: { what: "request"; kind: K; data: MailRequests[K] };
}[RequestKind];

/** Opens a row. Throws where its seal does not open: `COOKIE_PASSWORD` was replaced without keeping the old one. */
export async function openRow({ kind, data }: Pick<OutboxMail, "kind" | "data">): Promise<Opened> {
  const opened = await openSeal(data);
  if (!opened) throw new Error("A mail in the outbox cannot be opened.");
  // We wrote and sealed it, so its content has the type of its kind.
  const [what, name] = kind.split(":");
  return { what, kind: name, data: opened.mail } as Opened;
}

/** Mails that /dev/mail shows at most. */
const SHOWN = 100;

/** The mails that are kept for developers to look at, latest first, as they would have been sent. */
export async function listKept(): Promise<({ id: string; at: Date; address: string } & Rendered)[]> {
  const rows = await mailPrisma().outboxMail.findMany({
    where: { kind: { startsWith: "mail:" } },
    orderBy: { id: "desc" },
    take: SHOWN,
  });
  return Promise.all(
    rows.map(async (row) => {
      const opened = await openRow(row);
      if (opened.what !== "mail") throw new Error("A request is no mail.");
      const { id, createdAt: at, address } = row;
      return { id, at, address, ...render(opened.kind, opened.data) };
    }),
  );
}
