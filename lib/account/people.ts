import "server-only";
import { recordEvent, SYSTEM } from "@/lib/audit";
import { gatePrisma } from "@/lib/db";
import { Problem } from "@/lib/errors";
import { log } from "@/lib/log";
import { listLiveSessions } from "@/lib/session/list/lists";
import { revokeSessionsOf } from "@/lib/session/revoke";
import {
  type Session,
  type SessionView,
  type User,
  type UserView,
  viewSession,
  viewUser,
} from "@/lib/session/session";
import type { Prisma } from "@/prisma/client/client";
import { findAccountById, userOf } from "./account";
import { spellingsOf } from "./email";

// What administrators may do. Each function checks the role itself, so a page or route that forgets to opens no hole. The
// person's activity shows what was done; only the log says by whom.

/** Somebody who acts as an administrator. */
export type Administrator = { session: Session; user: User };

/** Somebody, as administrators see them. Times are RFC 3339 UTC. */
export type PersonView = UserView & { created_at: string; disabled_at: string | null };

type Context = { administrator: Administrator; now: Date };

/** Throws `forbidden` unless `user` is an administrator. */
function requireAdministrator({ user }: Administrator): void {
  if (user.role !== "admin") throw new Problem("forbidden");
}

const SHOWN = {
  id: true,
  email: true,
  name: true,
  role: true,
  createdAt: true,
  disabledAt: true,
  emailVerifiedAt: true,
} as const satisfies Prisma.UserSelect;

type Shown = Prisma.UserGetPayload<{ select: typeof SHOWN }>;

function viewPerson(row: Shown): PersonView {
  const { createdAt, disabledAt, emailVerifiedAt } = row;
  return {
    ...viewUser({ ...row, emailVerified: emailVerifiedAt !== null }),
    created_at: createdAt.toISOString(),
    disabled_at: disabledAt?.toISOString() ?? null,
  };
}

/**
 * Lists people, latest first, `take` at most, after the one who came `at` and has this id. `search` is part of a name or an
 * address; empty means everybody. Throws `forbidden`.
 */
export async function listPeople(
  administrator: Administrator,
  {
    search = "",
    take,
    after,
  }: { search?: string; take: number; after?: { at: Date; id: string } | undefined },
): Promise<PersonView[]> {
  requireAdministrator(administrator);
  const contains = { contains: search.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const;
  const isAfter = after && {
    OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }],
  };
  const rows = await gatePrisma().user.findMany({
    where: {
      AND: [
        search
          ? { OR: [{ email: contains }, { name: contains }, { email: { in: spellingsOf(search) } }] }
          : {},
        isAfter ?? {},
      ],
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    select: SHOWN,
  });
  return rows.map(viewPerson);
}

/** Somebody and their live sessions; null if there is no such person. Throws `forbidden`. */
export async function findPerson(
  { administrator, now }: Context,
  personId: string,
): Promise<{ person: PersonView; sessions: SessionView[]; total: number } | null> {
  requireAdministrator(administrator);
  const found = await gatePrisma().user.findUnique({ where: { id: personId }, select: SHOWN });
  if (!found) return null;
  const { sessions, total } = await listLiveSessions(personId, administrator.session.id, now);
  const views = sessions.map((each) => viewSession(each, administrator.session.id));
  return { person: viewPerson(found), sessions: views, total };
}

/**
 * Ends one session of somebody, or all of them, with the reason `ended_by_administrator`: once this resolves, every instance
 * refuses them. Returns how many. Throws `forbidden`.
 */
export async function endSessionsOf(
  { administrator, now }: Context,
  { personId, sessionId }: { personId: string; sessionId: string | "all" },
): Promise<number> {
  requireAdministrator(administrator);
  const which = sessionId === "all" ? "all" : ({ id: sessionId, andApi: false } as const);
  // Without the administrator's address: the person can read the event.
  const context = { now, actor: SYSTEM };
  const ended = await revokeSessionsOf(
    { userId: personId, which, reason: "ended_by_administrator" },
    context,
  );
  noteAct(administrator, "end_sessions", personId);
  return ended ?? 0;
}

/**
 * Disables an account, which ends its sessions, or enables it again. False if it was so already, if there is no such account, or
 * if it is the administrator's own. Throws `forbidden`.
 */
export async function setDisabled(
  { administrator, now }: Context,
  { personId, isDisabled }: { personId: string; isDisabled: boolean },
): Promise<boolean> {
  requireAdministrator(administrator);
  if (personId === administrator.user.id) return false;
  const user = await findAccountById(personId);
  if (!user || userOf(user).disabled === isDisabled) return false;
  let isChanged = false;
  await revokeSessionsOf(
    { userId: personId, which: "all", reason: "account_disabled" },
    { now, actor: SYSTEM },
    {
      mayGoOn: (locked) => locked.disabled !== isDisabled,
      finish: async (db) => {
        await db.user.update({ where: { id: personId }, data: { disabledAt: isDisabled ? now : null } });
        const type = isDisabled ? "account_disabled" : "account_enabled";
        await recordEvent(db, { type, userId: personId, now }, SYSTEM);
        isChanged = true;
      },
    },
  );
  if (isChanged) noteAct(administrator, isDisabled ? "disable" : "enable", personId);
  return isChanged;
}

function noteAct({ user, session }: Administrator, act: string, person: string): void {
  log.info("administrator_acted", { act, person, administrator: user.id, session: session.id });
}
