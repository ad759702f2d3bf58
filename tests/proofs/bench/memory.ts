import { setTimeout as pause } from "node:timers/promises";
import { withConnection } from "@/scripts/database";
import type { Context } from "./context";
import { bearer, requestBytes } from "./http";
import { type Instance, startInstance, type Weight } from "./instance";
import { populate, Signer } from "./population";
import { megabytes, number, progress } from "./report";

const CONNECTIONS = 32;
const BATCH = 5_000;
const MILLION = 1_000_000;

type Server = {
  heading: string;
  start: typeof startInstance;
  /** The path of its check. */
  verify: string;
};

/** What the server weighs, and what each session that it remembers adds. */
export function memory(context: Context): Promise<void> {
  return weigh(context, { heading: "Memory", start: startInstance, verify: "/api/auth/verify" });
}

/** The same of any server that remembers sessions. */
export async function weigh(context: Context, server: Server): Promise<void> {
  const { stage, secrets, report, quick } = context;
  const sessions = quick ? 15_000 : 100_000;
  const population = { people: sessions / 5, live: 5, ended: 0 };
  progress(`${sessions} sessions`);
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  const signer = new Signer(secrets, population);

  // On a busy machine a lease of 2 s may lapse, and with it all that is to be weighed.
  const env = { CACHED_SESSIONS: String(sessions), LEASE_MS: "60000" };
  const instance = await server.start({ databaseUrl, secrets, env });
  const verify = (from: number, count: number) => {
    const requests = signer
      .callers(from, count)
      .map(({ token }) => requestBytes("GET", server.verify, bearer(token)));
    const { port } = instance;
    return context.generator.run({ kind: "load", port, connections: CONNECTIONS, requests, status: 200 });
  };
  await verify(0, 500);
  await forgetSessions(databaseUrl, instance);
  const idle = await instance.weigh();
  for (let from = 0; from < sessions; from += BATCH) {
    progress(`remembering ${from + BATCH} sessions`);
    await verify(from, Math.min(BATCH, sessions - from));
  }
  const remembered = await instance.metric("latchkey_remembered_sessions");
  const estimate = (await instance.metric("latchkey_remembered_bytes")) / remembered;
  const full = await instance.weigh();
  await forgetSessions(databaseUrl, instance);
  const opened = await instance.weigh();
  await instance.stop();
  const reserved = await reservation(context, server, databaseUrl);

  const perSession = (full.heapUsed - opened.heapUsed) / remembered;
  const perCredential = (opened.heapUsed - idle.heapUsed) / sessions;
  const inAll = perSession + perCredential + reserved;
  report.heading(server.heading);
  report.table(
    ["server", "resident", "heap in use", "beside the heap"],
    [
      row("idle", idle),
      row(`with ${number(remembered)} sessions remembered`, full),
      row("the sessions forgotten", opened),
    ],
  );
  report.table(
    ["for each remembered session", "bytes"],
    [
      ["the session and its user", number(perSession)],
      ["  as lib/revocation/cache.ts estimates it", number(estimate)],
      ["the opened credential", number(perCredential)],
      ["places kept free for it", number(reserved)],
      ["in all", number(inAll)],
    ],
  );
  report.text(
    `A million sessions, each shown one credential: 1,000,000 × (${number(perSession)} + ${number(perCredential)} + ` +
      `${number(reserved)}) bytes = ${megabytes(inAll * MILLION)} of heap beside the ${megabytes(idle.heapUsed)} of the ` +
      "server itself. That needs CACHED_SESSIONS=1000000 and a --max-old-space-size well above it.",
  );
}

/** News about all rows empties the memory of sessions, not that of credentials. */
async function forgetSessions(databaseUrl: string, instance: Instance): Promise<void> {
  await withConnection(databaseUrl, (client) => client.query("SELECT pg_notify('latchkey', 'r')"));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await instance.metric("latchkey_remembered_sessions")) === 0) return;
    await pause(50);
  }
  throw new Error("The instance does not forget its sessions.");
}

/** Bytes that CACHED_SESSIONS reserves for each session before there is any. */
async function reservation({ secrets }: Context, { start }: Server, databaseUrl: string): Promise<number> {
  const weights: number[] = [];
  for (const places of [1, MILLION]) {
    const instance = await start({ databaseUrl, secrets, env: { CACHED_SESSIONS: String(places) } });
    const { heapUsed, external } = await instance.weigh();
    weights.push(heapUsed + external);
    await instance.stop();
  }
  const [least = 0, most = 0] = weights;
  return (most - least) / MILLION;
}

function row(name: string, { rss, heapUsed, external }: Weight): string[] {
  return [name, megabytes(rss), megabytes(heapUsed), megabytes(external)];
}
