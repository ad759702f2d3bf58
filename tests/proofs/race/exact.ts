import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../../support/database/database";
import { BEYOND, within } from "../../support/http/timing";
import { patience, settingFor } from "../../support/runner/slowness";
import { end } from "../support/asking";
import { addDevices, type Device, Fleet } from "../support/fleet";
import { actionFields, renameByAction } from "./actions";
import { closeConnections, send } from "./client";
import { endEverywhere } from "./fleet-endings";
import { runRounds } from "./rounds";

const LEASE = settingFor(2_000);
const MINUTES = patience(60_000);

/** The exact promises, on three production instances; short in the suite, long in `npm run test:race`. */
export function exactTests({ rounds, endings }: { rounds: number; endings: number }): void {
  describe("production instances on one database", () => {
    let fleet: Fleet;
    let db: pg.Pool;

    beforeAll(async () => {
      const databaseUrl = await freshDatabase();
      db = connect(databaseUrl);
      fleet = await Fleet.start(3, { databaseUrl, env: { LEASE_MS: String(LEASE) } });
    });
    afterAll(async () => {
      closeConnections();
      await fleet?.stop();
      await db?.end();
    });

    test(
      `${rounds} rounds of twenty requests at once: no success after the answer to an ending, and never a 500`,
      async () => {
        const world = await runRounds(fleet, db, rounds, LEASE);
        console.log([...world.counts].map(([what, count]) => `${what} ${count}`).join(", "));
        expect(world.violations).toEqual([]);
        expect(world.counted("accepted")).toBeGreaterThan(rounds);
      },
      rounds * patience(500) + 1 * MINUTES,
    );

    test(
      `${endings} endings: after the answer of one instance, API and pages of all three refuse`,
      async () => {
        const { violations, times } = await endEverywhere(fleet, db, endings);
        console.log(`${endings} endings over three instances: ${describeTimes(times)}`);
        expect(violations).toEqual([]);
        expect(times).toHaveLength(endings);
      },
      endings * patience(500) + 1 * MINUTES,
    );

    test("after the answer, a server action of all three refuses", async () => {
      const { devices } = await addDevices(fleet, db, 4);
      const [ender, ...doomed] = devices;
      const [first] = fleet.servers;
      if (!ender || !first) throw new Error("There is nobody.");
      const nameOf = async ({ id }: Device) =>
        (await db.query<{ name: string | null }>("SELECT name FROM sessions WHERE id = $1", [id])).rows[0]
          ?.name;
      for (const [index, target] of doomed.entries()) {
        const fields = await actionFields(first, target);
        for (const server of fleet.servers) await renameByAction(server, fields, target, `at ${server.url}`);
        expect(await nameOf(target)).toBe(`at ${fleet.servers.at(-1)?.url}`);

        const { status } = await end(fleet.servers[index] ?? first, ender, target);
        expect(status).toBe(204);
        for (const server of fleet.servers) {
          const answer = await renameByAction(server, fields, target, "after its end");
          expect([303, 307]).toContain(answer.status);
          expect(answer.location).toMatch(/\/login\?/);
        }
        expect(await nameOf(target)).toBe(`at ${fleet.servers.at(-1)?.url}`);
      }
    });

    test("with one of them suspended, an ending takes one lease and half a second at most, once", async () => {
      const { devices } = await addDevices(fleet, db, 4);
      const [ender, ...doomed] = devices;
      const [healthy, , suspended] = fleet.servers;
      if (!ender || !healthy || !suspended) throw new Error("There are three instances.");
      const ask = (url: string, token: string) =>
        send("GET", `${url}/api/auth/verify`, { authorization: `Bearer ${token}` });
      for (const { token } of devices) expect((await ask(suspended.url, token)).status).toBe(200);

      suspended.kill("SIGSTOP");
      const times: number[] = [];
      for (const { id } of doomed) {
        const { status, begunAt, endedAt } = await send("DELETE", `${healthy.url}/api/auth/sessions/${id}`, {
          authorization: `Bearer ${ender.token}`,
        });
        expect(status).toBe(204);
        times.push(endedAt - begunAt);
      }
      // Sent while it stands still, answered when it goes on: its first check after all this.
      const asked = doomed.map(({ token }) => ask(suspended.url, token));
      await pause(50);
      suspended.kill("SIGCONT");
      for (const { status } of await Promise.all(asked)) expect(status).toBe(401);
      expect((await ask(suspended.url, ender.token)).status).toBe(200);

      console.log(
        `endings with one of three suspended: ${times.map((each) => each.toFixed(0)).join(", ")} ms`,
      );
      expect(times[0]).toBeLessThan(within(LEASE + BEYOND));
      expect(Math.max(...times.slice(1))).toBeLessThan(within(BEYOND));
    });
  });
}

function describeTimes(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.floor((sorted.length - 1) * q)]?.toFixed(1);
  return `p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, longest ${quantile(1)} ms`;
}
