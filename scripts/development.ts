import { isLocal, withConnection } from "./database";
import { developmentSecrets } from "./development-secrets";
import { ROOT, settle, settleDefaults } from "./environment";
import { applyMigrations } from "./migrate";
import { startEmbedded } from "./postgres/embedded";
import { problem } from "./problem";

/** Runs `work` with the database of DATABASE_URL, or with the embedded one when it is unset. */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const given = process.env.DATABASE_URL;
  if (given && !URL.canParse(given))
    throw problem("DATABASE_URL is not a URL such as postgresql://user:password@host/name.");
  if (given) return work(given);
  if (process.env.NODE_ENV === "production") throw problem("DATABASE_URL is missing.");

  const embedded = await startEmbedded();
  try {
    return await work(embedded.url);
  } finally {
    await embedded.stop();
  }
}

/** Brings the database up to date and settles what the app cannot start without. */
export async function prepareApp(url: string, origin: string): Promise<void> {
  settle({ DATABASE_URL: url });
  settleDefaults({ PUBLIC_ORIGIN: origin, ...(await developmentSecrets(ROOT)) });
  for (const name of await applyMigrations(url)) console.log(`Applied the migration ${name}.`);
}

/** Adds the demo data to an empty database of this machine: their passwords are known to everybody. */
export async function seedIfEmpty(url: string): Promise<void> {
  if (!isLocal(url)) return;
  const { rowCount } = await withConnection(url, (client) => client.query("SELECT FROM users LIMIT 1"));
  if (rowCount === 0) await seed(url);
}

/** Adds the demo data. Needs a prepared app, as it uses its code. */
export async function seed(url: string): Promise<void> {
  await (await import("../prisma/seed")).seed(url);
}

/** How to log in with the demo data; empty where there is none. */
export async function demoHint(url: string): Promise<string> {
  const { DEMO_LOGINS } = await import("../prisma/seed");
  const emails = DEMO_LOGINS.map((login) => login.email);
  const { rows } = await withConnection(url, (client) =>
    client.query<{ email: string }>("SELECT email FROM users WHERE email = ANY($1)", [emails]),
  );
  const present = DEMO_LOGINS.filter((login) => rows.some((row) => row.email === login.email));
  if (present.length === 0) return "";
  const passwords = new Set(present.map((login) => login.password));
  return ` (log in as ${present.map((login) => login.email).join(" or ")}; password: ${[...passwords].join(" or ")})`;
}
