import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyMigrations } from "@/scripts/migrate";
import { createMigration } from "@/scripts/schema";
import { emptyDatabase } from "../support/database";
import { ROOT } from "../support/server";

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
