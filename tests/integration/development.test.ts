import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withConnection } from "@/scripts/database";
import { prepareApp } from "@/scripts/development";
import { emptyDatabase } from "../support/database/database";

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
