import { afterAll, expect, test } from "vitest";
import { backgroundPrisma, gatePrisma, pool, prisma } from "@/lib/db";
import { ownDatabase } from "../support/database/database";

// Each kind of work has a pool of its own, with time-outs of its own.

process.env.GATE_QUERY_TIMEOUT_MS = "1000";

const db = ownDatabase();
afterAll(() => db.end());

const sleep = "SELECT pg_sleep(1.5)::text";

test("a query of what is built on the starter may take longer than one of the gate", async () => {
  await prisma().$queryRawUnsafe(sleep);
});

test("a query of background work may take longer than one of the gate", async () => {
  await backgroundPrisma().$queryRawUnsafe(sleep);
});

test("a query of the gate that takes longer than a second fails, by either client", async () => {
  await expect(pool().query(sleep)).rejects.toThrow("Query read timeout");
  await expect(gatePrisma().$queryRawUnsafe(sleep)).rejects.toThrow();
});

test("slow queries of what is built on the starter take no connection from the gate", async () => {
  const slow = Array.from({ length: 30 }, () =>
    prisma()
      .$queryRawUnsafe(sleep)
      .catch(() => null),
  );
  await expect
    .poll(async () => {
      const { rows } = await db.query("SELECT FROM pg_stat_activity WHERE query = $1 AND state = 'active'", [
        sleep,
      ]);
      return rows.length;
    })
    .toBe(10);
  expect((await pool().query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await Promise.all(slow);
});
