import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { normaliseEmail } from "@/lib/account/email";
import { withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { createMigration } from "@/scripts/migrations/schema";
import { connect, emptyDatabase, freshDatabase } from "../support/database/database";
import { ROOT } from "../support/http/server";
import { addPerson } from "../support/people/people";

const names = async () => {
  const entries = await readdir(join(ROOT, "prisma", "migrations"), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
};

test("the migrations lead exactly to schema.prisma", async () => {
  expect(await createMigration(await emptyDatabase(), "difference")).toBeNull();
});

test("an empty database gets every migration once, in order", async () => {
  const url = await emptyDatabase();
  expect(await applyMigrations(url)).toEqual((await names()).sort());
  expect(await applyMigrations(url)).toEqual([]);
});

test("two servers that migrate at once do not get in each other's way", async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([applyMigrations(url), applyMigrations(url), applyMigrations(url)]);
  expect(applied.flat().sort()).toEqual((await names()).sort());
});

test("accounts whose address has another spelling today are told of, with those whose mailbox they share, and kept", async () => {
  const url = await emptyDatabase();
  const db = connect(url);
  const sql = (name: string) => readFile(join(ROOT, "prisma", "migrations", name, "migration.sql"), "utf8");
  const guessing = "20261126130000_guessing";
  for (const name of (await names()).sort().filter((name) => name < guessing))
    await db.query(await sql(name));
  const odd = [
    "ada@b\u00fccher.example",
    "j\u030c@example.com",
    "ada@\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631",
    "ada@m\u00fcller-l\u00fcdenscheidt.b\u00fccher.example",
    "ada@\u4f8b\u3048.\u30c6\u30b9\u30c8",
    "ada@stra\u00dfe.example",
    "ada@\u{1f980}.example",
  ];
  const ids = new Map<string, string>();
  for (const email of [...odd, "ada@xn--bcher-kva.example", "ren\u00e9@example.com", "ada@example.com"])
    ids.set(email, (await addPerson(db, { email })).id);

  const client = await db.connect();
  const warnings: string[] = [];
  client.on("notice", ({ message = "" }) => warnings.push(message));
  await client.query(await sql(guessing));
  client.release();
  const [shared = "", ...others] = odd;
  const told = [
    `Account ${ids.get(shared)} (${shared}) and account ${ids.get("ada@xn--bcher-kva.example")} (ada@xn--bcher-kva.example) have one mailbox.`,
    ...others.map(
      (email) => `Account ${ids.get(email)} (${email}) would be stored as ${normaliseEmail(email)} today.`,
    ),
  ];
  expect(warnings.sort()).toEqual(told.sort());
  const { rows } = await db.query<{ email: string }>("SELECT email FROM users");
  expect(rows.map(({ email }) => email).sort()).toEqual([...ids.keys()].sort());
  await db.end();
});

test("the triggers find our tables from every search_path: their functions have one of their own", async () => {
  const url = await freshDatabase();
  const rows = await withConnection(url, async (client) => {
    const { rows } = await client.query<{ name: string; path: string[] | null }>(
      `SELECT DISTINCT p.proname AS name, p.proconfig AS path FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
       WHERE NOT t.tgisinternal AND p.prosrc ~* '(from|update|into|perform) +(sessions|users|tell)'`,
    );
    return rows;
  });
  expect(rows.length).toBeGreaterThanOrEqual(4);
  for (const { name, path } of rows) expect(path, name).toContainEqual("search_path=public, pg_temp");
});
