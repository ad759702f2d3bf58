import { databaseUrlProblem } from "../../lib/database/url";
import { hostOf, isLocal, withConnection } from "../database";
import { ROOT, settle, settleDefaults } from "../environment";
import { applyMigrations, pendingMigrations } from "../migrations/migrate";
import { startEmbedded } from "../postgres/embedded";
import { problem } from "../problem";
import { developmentSecrets } from "../secrets/development-secrets";
import { updateClient } from "./client";

/** Runs `work` with the database of DATABASE_URL, or with the embedded one when it is unset. */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const given = givenUrl();
  if (given) return work(given);
  const embedded = await startEmbedded();
  try {
    return await work(embedded.url);
  } finally {
    await embedded.stop();
  }
}

/**
 * The database of DATABASE_URL, or the embedded one, which runs until the last process that uses it ends.
 */
export async function lastingDatabase(): Promise<string> {
  return givenUrl() ?? (await startEmbedded()).url;
}

function givenUrl(): string | undefined {
  const given = process.env.DATABASE_URL;
  const wrong = given && databaseUrlProblem(given);
  if (wrong) throw problem(`DATABASE_URL ${wrong}`);
  if (!given && process.env.NODE_ENV === "production") throw problem("DATABASE_URL is missing.");
  return given || undefined;
}

/** Brings the client and, if we may, the database up to date, and settles what the app cannot start without. */
export async function prepareApp(url: string, origin: string, args: string[]): Promise<void> {
  settle({ DATABASE_URL: url });
  await updateClient();
  settleDefaults({ PUBLIC_ORIGIN: origin, ...(await developmentSecrets(ROOT)) });
  if (isLocal(url) || args.includes("--migrate")) await bringUpToDate(url);
  else await tellWhatIsPending(url);
}

async function bringUpToDate(url: string): Promise<void> {
  const names = await applyMigrations(url, { tell: console.log });
  for (const name of names) console.log(`Applied the migration ${name}.`);
}

/** A database elsewhere may be everybody's: changing it takes a word. */
async function tellWhatIsPending(url: string): Promise<void> {
  const names = await pendingMigrations(url);
  if (names.length === 0) return;
  console.log(
    `The database at ${hostOf(url)} is not of this machine, so its migrations are not applied by themselves. ` +
      `Missing there: ${names.join(", ")}. \`npm run db:migrate\` applies them, and so does \`-- --migrate\`.`,
  );
}

/** Adds the demo data to an empty database of this machine: their passwords are known to everybody. */
export async function seedIfEmpty(url: string): Promise<void> {
  if (!isLocal(url)) return;
  const { rowCount } = await withConnection(url, (client) => client.query("SELECT FROM users LIMIT 1"));
  if (rowCount === 0) await seed(url);
}

/** Adds the demo data. Needs a prepared app, as it uses its code. */
export async function seed(url: string): Promise<void> {
  await (await import("../../prisma/seed")).seed(url);
}

/** How to sign in with the demo data; empty where there is none. */
export async function demoHint(url: string): Promise<string> {
  const { DEMO_LOGINS } = await import("../../prisma/seed");
  const emails = DEMO_LOGINS.map((login) => login.email);
  const { rows } = await withConnection(url, (client) =>
    client.query<{ email: string }>("SELECT email FROM users WHERE email = ANY($1)", [emails]),
  );
  const present = DEMO_LOGINS.filter((login) => rows.some((row) => row.email === login.email));
  if (present.length === 0) return "";
  const passwords = new Set(present.map((login) => login.password));
  return ` (sign in as ${present.map((login) => login.email).join(" or ")}; password: ${[...passwords].join(" or ")})`;
}
