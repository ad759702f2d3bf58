import { setTimeout as pause } from "node:timers/promises";
import { withConnection } from "@/scripts/database";
import type { Context } from "./context";
import { bearer, requestBytes } from "./http";
import { type Instance, startInstance, startVerifierInstance } from "./instance";
import { populate, Signer } from "./population";
import { megabytes, milliseconds, number, progress } from "./report";
import { quantile, sum } from "./statistics";

const FLEETS = [1, 2, 4, 8, 16, 32];
const SMALL_FLEETS = [1, 4, 8];
/** Endings at once, each from a connection of its own. */
const CROWD = 16;
const LEASE = 2_000;
const IDLE_FOR = 5_000;

/** What an ending costs as the fleet grows: one app that is asked, and verifiers that must all refuse before it answers. */
export async function fleet(context: Context): Promise<void> {
  const { stage, secrets, report, quick } = context;
  const fleets = quick ? SMALL_FLEETS : FLEETS;
  const each = quick ? 100 : 200;
  // For each fleet: endings one after the other, endings at once, and one while a verifier stands still.
  const people = fleets.length * (each * 3 + 60);
  const population = { people, live: 2, ended: 0 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  const signer = new Signer(secrets, population);
  const app = await startInstance({ databaseUrl, secrets, env: { LEASE_MS: String(LEASE) } });
  const endings = endingsOf(context, app, signer, people);

  const before = await connectionsOf(databaseUrl);
  const verifiers: Instance[] = [];
  const times: string[][] = [];
  const costs: string[][] = [];
  for (const size of fleets) {
    progress(`${size} verifiers`);
    while (verifiers.length < size)
      verifiers.push(await startVerifierInstance({ databaseUrl, secrets, env: { LEASE_MS: String(LEASE) } }));
    await endings(20, 1);
    const alone = await endings(each, 1);
    const notified = await notificationsOf(databaseUrl);
    const together = await endings(each * 2, CROWD);
    const told = (await notificationsOf(databaseUrl)) - notified;
    const silent = await whileOneStandsStill(verifiers, () => endings(1, 1));
    times.push([
      String(size),
      milliseconds(quantile(alone.latencies, 0.5)),
      milliseconds(quantile(alone.latencies, 0.99)),
      milliseconds(quantile(together.latencies, 0.5)),
      milliseconds(quantile(together.latencies, 0.99)),
      number(together.latencies.length / together.seconds),
      number(told / together.seconds),
      milliseconds(silent.latencies[0] ?? Number.NaN),
    ]);
    costs.push([String(size), ...(await costOf(verifiers, databaseUrl, before))]);
  }

  report.heading("A fleet on one machine");
  report.text(
    "One app is asked to end sessions; its answer leaves when every verifier has acknowledged. All processes share this " +
      `machine, so the larger fleets measure its processors as well. At once: from ${CROWD} connections. One stands still ` +
      `(SIGSTOP): it is not waited for longer than its lease, ${LEASE / 1_000} s.`,
  );
  report.table(
    [
      "verifiers",
      "one by one, p50",
      "p99",
      `${CROWD} at once, p50`,
      "p99",
      "endings a second",
      "notifications a second",
      "one stands still",
    ],
    times,
  );
  report.table(["verifiers", "connections of each", "resident", "processor when idle"], costs);
  await Promise.all([app, ...verifiers].map((instance) => instance.stop()));
}

/** Ends sessions, each of another person, by that person's other session; every call ends others. */
function endingsOf({ generator }: Context, app: Instance, signer: Signer, people: number) {
  let next = 0;
  return (count: number, connections: number) => {
    const requests = Array.from({ length: count }, () => {
      const person = next;
      next += 1;
      const { sessionId } = signer.caller(person + people);
      return requestBytes("DELETE", `/api/auth/sessions/${sessionId}`, bearer(signer.caller(person).token));
    });
    return generator.run({ kind: "load", port: app.port, connections, requests, status: 204 });
  };
}

/** An ending that begins when one verifier has just fallen silent. */
async function whileOneStandsStill<T>(verifiers: Instance[], end: () => Promise<T>): Promise<T> {
  const silent = verifiers.at(-1);
  silent?.kill("SIGSTOP");
  try {
    return await end();
  } finally {
    silent?.kill("SIGCONT");
    // It enters the list again.
    await pause(1.5 * LEASE);
  }
}

const connectionsOf = (databaseUrl: string) =>
  count(databaseUrl, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()");

/** Barriers, acknowledgements and proofs: everything that our statements sent with pg_notify. */
const notificationsOf = (databaseUrl: string) =>
  count(
    databaseUrl,
    `SELECT coalesce(sum(calls), 0) AS count FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND query ~ 'pg_notify' AND query !~ 'pg_stat_statements'`,
  );

function count(databaseUrl: string, sql: string): Promise<number> {
  return withConnection(databaseUrl, async (client) => Number((await client.query(sql)).rows[0]?.count));
}

/** What a verifier costs that has nothing to do. */
async function costOf(verifiers: Instance[], databaseUrl: string, before: number): Promise<string[]> {
  const { length } = verifiers;
  const used = () => sum(verifiers.map((each) => each.processorTime()));
  const start = used();
  await pause(IDLE_FOR);
  const share = (used() - start) / IDLE_FOR / length;
  const connections = ((await connectionsOf(databaseUrl)) - before) / length;
  const weights = await Promise.all(verifiers.map((each) => each.weigh()));
  return [
    number(connections),
    megabytes(sum(weights.map(({ rss }) => rss)) / length),
    `${number(share * 100)} %`,
  ];
}
