import { join } from "node:path";
import { withConnection } from "@/scripts/database";
import { PASSWORD } from "../../support/people/people";
import type { Context } from "./context";
import { Generator } from "./generator";
import { bearer, jsonRequestBytes, requestBytes } from "./http";
import { type Instance, type InstanceOptions, serve, startInstance, startVerifierInstance } from "./instance";
import type { LoadResult } from "./jobs";
import { weigh } from "./memory";
import { startPlainApp } from "./plain-app";
import { emailOf, populate, Signer } from "./population";
import { microseconds, milliseconds, number, progress, ratio } from "./report";
import { CONNECTIONS, type Measured, measure } from "./slices";
import { median, quantile } from "./statistics";
import type { Case } from "./throughput-cases";

const FLOOD_CONNECTIONS = 16;
const POPULATION = { people: 2_000, live: 2, ended: 0 };

/** What a check costs at the verifier, beside the plainest server of Node and the plainest handler of Next. */
export async function verifier(context: Context): Promise<void> {
  const { stage, secrets, report } = context;
  const databaseUrl = await stage.database();
  await populate(databaseUrl, POPULATION, "20");
  const app = await startInstance({ databaseUrl, secrets });
  const gate = await startVerifierInstance({ databaseUrl, secrets });
  const plainApp = await startPlainApp();
  const plainServer = await serve(
    import.meta.dirname,
    [join(import.meta.dirname, "plain-server.js")],
    {},
    async ({ url }) => (await fetch(url)).ok,
  );

  const signer = new Signer(secrets, POPULATION);
  const someone = signer.caller(0);
  const token = bearer(someone.token);
  const cookie = await signer.cookie(someone);
  const ask = (name: string, instance: Instance, path: string, headers = {}): Case => {
    const requests = [requestBytes("GET", path, headers)];
    return { name, instance, requests: () => requests };
  };
  // Both are sent the same token: a longer request costs the one who sends it, too.
  const plain = ask("plain node:http", plainServer, "/", token);
  const bare = ask("plain Next handler", plainApp, "/bare", token);
  const checks = [
    ask("verifier, /verify by Bearer", gate, "/verify", token),
    ask("verifier, /verify by cookie", gate, "/verify", cookie),
    ask("verifier, /forward by Bearer", gate, "/forward", token),
    ask("verifier, /forward by cookie", gate, "/forward", cookie),
  ];
  const inApp = ask("app, verify by Bearer", app, "/api/auth/verify", token);
  const measured = await measure(context, plain, [bare, ...checks, inApp]);

  report.heading("The verifier");
  report.text(
    `${CONNECTIONS} connections from a process of its own. Each slice stands between two slices of “plain node:http”, which ` +
      "answers everything with one text of the size of a check’s. “To Next” compares with a handler that does nothing in a " +
      "Next app that has nothing else. Goals: 0.5 to plain node:http, 15 to Next.",
  );
  const toNode = (each: Case) => median((measured.get(each) ?? []).map(({ rateRatio }) => rateRatio));
  const costToNode = (each: Case) => median((measured.get(each) ?? []).map(({ costRatio }) => costRatio));
  report.table(
    ["request", "to node:http", "by cost", "to Next", "by cost", "processor time", "a second", "p50", "p99"],
    [plain, bare, ...checks, inApp].map((each) => [
      each.name,
      ratio(toNode(each)),
      ratio(1 / costToNode(each)),
      number(toNode(each) / toNode(bare)),
      number(costToNode(bare) / costToNode(each)),
      ...absolute(measured.get(each) ?? []),
    ]),
  );

  const [byBearer] = checks;
  if (!byBearer) throw new Error("There is nothing to ask.");
  await countQueries(context, databaseUrl, byBearer);
  await Promise.all([app, plainApp, plainServer, gate].map((instance) => instance.stop()));
  await besideSignIns(context, byBearer, { databaseUrl, secrets });
  await weigh(context, {
    heading: "Memory of the verifier",
    start: startVerifierInstance,
    verify: "/verify",
  });
}

function absolute(measured: Measured[]): string[] {
  const slices = measured.map(({ slice }) => slice);
  const latencies = slices.flatMap(({ latencies }) => [...latencies]);
  return [
    microseconds(median(slices.map(({ cost }) => cost))),
    number(median(slices.map(({ rate }) => rate))),
    milliseconds(quantile(latencies, 0.5)),
    milliseconds(quantile(latencies, 0.99)),
  ];
}

const load = ({ generator }: Pick<Context, "generator">, { instance, requests }: Case, time: number) =>
  generator.run({
    kind: "load",
    port: instance.port,
    connections: CONNECTIONS,
    requests: requests(),
    milliseconds: time,
    status: 200,
  });

/** Statements about sessions that the database gets while one session is checked again and again. */
async function countQueries(context: Context, databaseUrl: string, check: Case): Promise<void> {
  const ask = (sql: string) =>
    withConnection(databaseUrl, async (client) => Number((await client.query(sql)).rows[0]?.count ?? 0));
  const calls = `SELECT coalesce(sum(calls), 0) AS count FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND query ~ 'sessions' AND query !~ 'pg_stat_statements'`;
  const before = await ask(calls);
  const { latencies } = await load(context, check, 2_000);
  const queries = (await ask(calls)) - before;
  context.report.text(
    `${number(latencies.length)} checks of one session, and ${queries} statements about sessions.`,
  );
}

/** Who goes first, as of nice(1). Only root may give a priority below 0; without it the last one is as the first. */
const PRIORITIES = [
  { name: "beside sign-ins", app: 0, gate: 0 },
  { name: "beside sign-ins, the app started with nice -n 19", app: 19, gate: 0 },
  { name: "beside sign-ins, the verifier started with nice -n -10", app: 0, gate: -10 },
];

/** How long checks take at the verifier while people sign in at an app, as many as it lets in. */
async function besideSignIns(context: Context, check: Case, options: InstanceOptions): Promise<void> {
  const { report, quick } = context;
  // A network may sign in a thousand times in a quarter of an hour.
  const time = quick ? 3_000 : 4_000;
  const row = (name: string, { latencies }: LoadResult, signIns = 0) => [
    name,
    number((latencies.length * 1_000) / time),
    milliseconds(quantile(latencies, 0.5)),
    milliseconds(quantile(latencies, 0.99)),
    number((signIns * 1_000) / time),
  ];
  const rows: string[][] = [];
  for (const [index, priority] of PRIORITIES.entries()) {
    progress(priority.name);
    const gate = await startVerifierInstance({ ...options, nice: priority.gate });
    const checks = { ...check, instance: gate };
    await load(context, checks, 1_000);
    if (index === 0) rows.push(row("alone", await load(context, checks, time)));
    const app = await startInstance({ ...options, nice: priority.app });
    const crowd = new Generator();
    const signIns = crowd.run({
      kind: "load",
      port: app.port,
      connections: FLOOD_CONNECTIONS,
      requests: requestsToSignIn(index),
      milliseconds: time + 1_000,
      status: 200,
    });
    const busy = await load(context, checks, time);
    const { latencies } = await signIns.finally(() => crowd.stop());
    rows.push(row(priority.name, busy, latencies.length));
    await Promise.all([app, gate].map((instance) => instance.stop()));
  }
  report.text(
    `Checks over ${CONNECTIONS} connections, and sign-ins over ${FLOOD_CONNECTIONS}, on one machine:`,
  );
  report.table(["checks", "a second", "p50", "p99", "sign-ins a second"], rows);
}

/** Of people of its own for each part: nobody may sign in too often. */
function requestsToSignIn(part: number): string[] {
  const people = Math.floor(POPULATION.people / PRIORITIES.length);
  return Array.from({ length: people }, (_, person) => {
    const email = emailOf(part * people + person);
    return jsonRequestBytes("/api/auth/login", { email, password: PASSWORD });
  });
}
