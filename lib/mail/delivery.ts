import "server-only";
import { isUnavailable } from "@/lib/database/errors";
import { type Database, mailPrisma } from "@/lib/db";
import { env } from "@/lib/env";
import { LONGEST_DELIVERY, MAIL_RETENTION, MAILS_AT_ONCE } from "@/lib/limits";
import { log } from "@/lib/log";
import { singleton } from "@/lib/singleton";
import { HOURS, SECONDS } from "@/lib/time";
import { type OutboxMail, Prisma } from "@/prisma/client/client";
import { render } from "./messages";
import { type OpenedRequest, openRow } from "./outbox";
import { failureOf, send } from "./transport";
import { onWake, wakeMailer } from "./wake";

// Every instance sends what is due. A mail is locked while it is sent, and its row is deleted in the same transaction: if the
// instance dies, the lock goes at once. A row leads to two mails only if the server accepts one and the commit then fails.

const LOOK_EVERY = 1 * SECONDS;
const LONGEST_BREAK = 2 * HOURS;

/** What the mailer needs to know of accounts. */
export type Accounts = {
  /** Decides about a request: writes what comes of it into the outbox. */
  decide(db: Database, request: OpenedRequest & { address: string }, now: Date): Promise<void>;
  exists(db: Database, userId: string): Promise<boolean>;
};

const mailer = singleton("mailer", () => ({
  accounts: null as Accounts | null,
  lanes: new Set<Promise<void>>(),
  clock: undefined as ReturnType<typeof setInterval> | undefined,
  counts: { sent: 0, failed: 0, givenUp: 0 },
}));

/** How many mails were sent, attempts failed and mails given up since the process started, for the metrics. */
export function mailCounts(): { sent: number; failed: number; givenUp: number } {
  return mailer().counts;
}

/** Sends what is in the outbox, for as long as the process runs. */
export function startMailer(accounts: Accounts): void {
  mailer().accounts = accounts;
  mailer().clock = setInterval(work, LOOK_EVERY).unref();
  onWake(work);
}

/** Begins no more mails, and waits for those that are being sent. */
export async function stopMailer(): Promise<void> {
  mailer().accounts = null;
  onWake(null);
  clearInterval(mailer().clock);
  await Promise.all(mailer().lanes);
}

/** Opens one more lane, if there is room: each takes one mail after the other while any is due. */
function work(): void {
  const { accounts, lanes } = mailer();
  if (!accounts || lanes.size >= MAILS_AT_ONCE) return;
  const lane = takeAll(accounts).finally(() => lanes.delete(lane));
  lanes.add(lane);
}

async function takeAll(accounts: Accounts): Promise<void> {
  try {
    while (mailer().accounts && (await takeNext(accounts)) === "go on");
  } catch (error) {
    // Requests report that already. Mails that are due are sent when the database is back.
    if (isUnavailable(error)) log.info("mailer_waits");
    else log.error("mailer_failed", { error });
  }
}

type Row = Pick<OutboxMail, "id" | "kind" | "userId" | "address" | "data" | "createdAt" | "attempts">;

async function takeNext(accounts: Accounts): Promise<"go on" | "wait"> {
  const now = new Date();
  const isDue = { dueAt: { lte: now } };
  // Checked first, so that an empty outbox costs one statement.
  if (!(await mailPrisma().outboxMail.findFirst({ where: isDue, select: { id: true } }))) return "wait";
  return mailPrisma().$transaction(async (db) => {
    const row = await take(db, now);
    if (!row) return "wait";
    work();
    if (row.userId && !(await accounts.exists(db, row.userId))) return drop(db, row);
    try {
      return await handle(db, row, accounts, now);
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError) throw error;
      return postpone(db, row, accounts, error);
    }
  });
}

/** Locks the row that has been due longest and that nobody else has. Prisma knows no SKIP LOCKED. */
async function take(db: Database, now: Date): Promise<Row | null> {
  // Overrides the database's own limit: the mail server may take long.
  await db.$executeRaw`SELECT set_config('idle_in_transaction_session_timeout', ${String(LONGEST_DELIVERY)}, true)`;
  const [row = null] = await db.$queryRaw<Row[]>`
    SELECT id::text, kind, user_id::text AS "userId", address, data, created_at AS "createdAt", attempts
    FROM outbox WHERE due_at <= ${now} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`;
  return row;
}

async function handle(db: Database, row: Row, accounts: Accounts, now: Date): Promise<"go on"> {
  const opened = await openRow(row);
  if (opened.what === "request") {
    await accounts.decide(db, { ...opened, address: row.address }, now);
    return drop(db, row);
  }
  if (env().mail.by === "outbox") return keep(db, row, now);
  await send(row.id, row.address, render(opened.kind, opened.data));
  mailer().counts.sent += 1;
  log.info("mail_sent", { mail: row.id, kind: row.kind, attempt: row.attempts + 1 });
  return drop(db, row);
}

async function drop(db: Database, { id }: Row): Promise<"go on"> {
  await db.outboxMail.delete({ where: { id } });
  return "go on";
}

/** Without a server for mail it stays for a day, for /dev/mail to show. */
async function keep(db: Database, row: Row, now: Date): Promise<"go on"> {
  const until = new Date(row.createdAt.getTime() + MAIL_RETENTION);
  if (until <= now) return drop(db, row);
  await db.outboxMail.update({ where: { id: row.id }, data: { dueAt: until } });
  return "go on";
}

/** Soon, then ever more rarely for a day. */
async function postpone(
  db: Database,
  row: Row,
  accounts: Accounts,
  error: unknown,
): Promise<"go on" | "wait"> {
  const { code, reply, isFinal, isAnswer } = failureOf(error);
  const attempts = row.attempts + 1;
  const dueAt = new Date(Date.now() + Math.min(LONGEST_BREAK, 2 ** (attempts - 1) * SECONDS));
  const isOver = isFinal || dueAt.getTime() > row.createdAt.getTime() + MAIL_RETENTION;
  const { counts } = mailer();
  counts.failed += 1;
  const facts = { mail: row.id, kind: row.kind, attempt: attempts, code, reply };
  if (isOver) {
    counts.givenUp += 1;
    log.error("mail_given_up", facts);
    return drop(db, row);
  }
  log.info("mail_postponed", facts);
  // If its account was deleted while it was being sent, nothing else deletes the row.
  if (row.userId && !(await accounts.exists(db, row.userId))) return drop(db, row);
  await db.outboxMail.update({ where: { id: row.id }, data: { attempts, dueAt } });
  wakeMailer(dueAt.getTime() - Date.now());
  // The server does not answer: the other mails would only wait for the same time-out.
  return isAnswer ? "go on" : "wait";
}
