import { execFile, execFileSync, spawn } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withConnection } from "@/scripts/database";
import { prepareApp, withDatabase } from "@/scripts/development/development";
import { emptyDatabase, freshDatabase } from "../support/database/database";
import { LAUNCHER, observe, plainEnvironment, ROOT, unusedPort } from "../support/http/server";

// What `npm run dev`, `npm run preview` and `npm run db:seed` do to a database before they use it.

const ORIGIN = "http://localhost:3000";
const said: string[] = [];
beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  for (const name of ["DATABASE_URL", "PUBLIC_ORIGIN", "TOKEN_KEYS", "COOKIE_PASSWORD"])
    vi.stubEnv(name, process.env[name]);
});
afterEach(() => {
  vi.restoreAllMocks();
  said.splice(0);
});

const tables = (url: string) =>
  withConnection(url, async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_tables WHERE schemaname = 'public'");
    return rowCount ?? 0;
  });

/** The same database by a name of this machine that nothing knows to be one. */
const elsewhere = (url: string) => url.replace("@127.0.0.1:", "@127.1:");

test("a database of this machine gets its migrations", async () => {
  const url = await emptyDatabase();
  await prepareApp(url, ORIGIN, []);
  expect(await tables(url)).toBeGreaterThan(3);
  expect(said.join("\n")).toContain("Applied the migration");
});

test("a database elsewhere is left alone, and what it lacks is said, until --migrate asks for it", async () => {
  const url = elsewhere(await emptyDatabase());
  await prepareApp(url, ORIGIN, []);
  expect(await tables(url)).toBe(0);
  expect(said.join("\n")).toMatch(/database at 127\.1:\d+ is not of this machine.*Missing there: \d{14}_/);
  expect(said.join("\n")).not.toContain(new URL(url).password);

  said.splice(0);
  await prepareApp(url, ORIGIN, ["--migrate"]);
  expect(await tables(url)).toBeGreaterThan(3);

  said.splice(0);
  await prepareApp(url, ORIGIN, []);
  expect(said).toEqual([]);
});

test("a client that was generated again is used at once, on the existing connections", async () => {
  const before = await import("@/lib/db");
  const [client, pool] = [before.prisma(), before.pool()];
  expect(before.prisma()).toBe(client);

  // As Next does in development when one of a module's files has changed.
  vi.resetModules();
  const after = await import("@/lib/db");
  expect(after.prisma()).not.toBe(client);
  expect(await after.prisma().user.count()).toBe(0);
  expect(after.pool()).toBe(pool);
});

describe("for your own tools", () => {
  const commandLine = (command: string) => ["--conditions=react-server", LAUNCHER, command];
  const environment = (DATABASE_URL?: string): NodeJS.ProcessEnv => ({
    ...plainEnvironment(),
    NODE_ENV: "development",
    ...(DATABASE_URL && { DATABASE_URL }),
  });

  async function toldUrl(given?: string) {
    const options = { cwd: ROOT, env: environment(given) };
    return (await promisify(execFile)(process.execPath, commandLine("url"), options)).stdout;
  }

  test("db:url prints DATABASE_URL and nothing else", async () => {
    const url = "postgresql://somebody:secret@db.example.com/app";
    expect(await toldUrl(url)).toBe(`${url}\n`);
  });

  test("without one it prints the embedded database, which stays up for them until the next command ends", async () => {
    vi.stubEnv("DATABASE_URL", "");
    vi.stubEnv("NODE_ENV", "development");
    const url = (await toldUrl()).trim();
    await withConnection(url, (client) => client.query("SELECT"));
    await withDatabase(async (shared) => expect(shared).toBe(url));
  });

  test("db:studio serves the database, whose password is on no command line", async () => {
    const port = await unusedPort();
    const url = await freshDatabase();
    const args = [...commandLine("studio"), "--browser", "none", "--port", String(port)];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: environment(url),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const studio = observe(child);
    try {
      await studio.line(/localhost:/);
      const answer = await fetch(`http://127.0.0.1:${port}/bff`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          procedure: "query",
          query: { sql: "SELECT count(*) FROM users", parameters: [] },
        }),
      });
      expect(await answer.json()).toEqual([null, [{ count: "0" }]]);
      const commandLines = execFileSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" });
      expect(commandLines).toContain(String(port));
      expect(commandLines).not.toContain(new URL(url).password);
    } finally {
      await studio.stop();
    }
  });
});
