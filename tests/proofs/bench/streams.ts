import { execFileSync } from "node:child_process";
import { withConnection } from "@/scripts/database";
import type { Context } from "./context";
import { bearer, requestBytes } from "./http";
import { startInstance, type Weight } from "./instance";
import { type EndResult, machineTime } from "./jobs";
import { type Caller, populate, Signer } from "./population";
import { kilobytes, megabytes, milliseconds, number, progress } from "./report";
import { quantile } from "./statistics";

const STREAMS = 5_000;
const PATIENCE = 60_000;

/** What open event streams cost, and how soon the last of them knows that its session has ended. */
export async function streams(context: Context): Promise<void> {
  const { report, quick } = context;
  const count = Math.min(quick ? STREAMS / 5 : STREAMS, mostStreams());
  report.heading("Open tabs");
  report.text(
    `${number(count)} event streams (GET /api/auth/events) on one instance` +
      `${count < STREAMS && !quick ? `, since this machine allows no more (ulimit -n)` : ""}. “Told” counts from the answer ` +
      "of log-out everywhere, or from the commit of the statement, to the moment the client has read `event: ended`.",
  );

  progress(`${count} streams of ${count} people`);
  const many = await perform(context, { people: count, live: 1, ended: 0 }, async ({ databaseUrl }) => {
    await withConnection(databaseUrl, (client) =>
      client.query("UPDATE sessions SET ended_at = now(), ended_reason = 'reported' WHERE ended_at IS NULL"),
    );
  });
  progress(`${count} streams of one person`);
  const one = await perform(context, { people: 1, live: count, ended: 0 }, async ({ port, callers }) => {
    await logOutEverywhere(port, callers[0]?.token ?? "");
  });

  const each = (part: (weight: Weight) => number) => (part(many.open) - part(many.idle)) / count;
  report.text(
    `Each open stream takes ${kilobytes(each((weight) => weight.rss))} of the server’s resident memory, ` +
      `${kilobytes(each((weight) => weight.heapUsed))} of it heap in use, beside what the kernel keeps for its socket: ` +
      `${number(count)} streams ${megabytes(many.open.rss - many.idle.rss)}.`,
  );
  report.table(
    ["ended by", "opening them", "the ending", "told", "first", "half", "last", "last stream closed", "read"],
    [rowOf("SQL, everybody’s session", many, count), rowOf("log-out everywhere, one person’s", one, count)],
  );
}

/** Again after a 503, which leaves open what happened. */
async function logOutEverywhere(port: number, token: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const url = `http://localhost:${port}/api/auth/logout-all`;
    const { status } = await fetch(url, { method: "POST", headers: bearer(token) });
    if (status === 200 || (status === 401 && attempt > 1)) return;
    if (status !== 503) throw new Error(`Log-out everywhere answered ${status}.`);
    progress("log-out everywhere answered 503: the machine is too busy");
  }
}

type Outcome = {
  idle: Weight;
  open: Weight;
  opening: number;
  took: number;
  doneAt: number;
  result: EndResult;
};

async function perform(
  { stage, secrets, generator }: Context,
  population: { people: number; live: number; ended: number },
  end: (place: { databaseUrl: string; port: number; callers: Caller[] }) => Promise<void>,
): Promise<Outcome> {
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  const instance = await startInstance({ databaseUrl, secrets });
  const { port } = instance;
  const callers = new Signer(secrets, population).callers(0, population.people * population.live);

  // A few first, so that no compiled code counts as the memory of a stream.
  const requests = callers.map(({ token }) => requestBytes("GET", "/api/auth/events", bearer(token)));
  const warmUp = callers.map(({ token }) => requestBytes("GET", "/api/auth/verify", bearer(token)));
  await generator.run({ kind: "load", port, connections: 32, requests: warmUp, status: 200 });
  const idle = await instance.weigh();
  const openedAt = machineTime();
  await generator.run({ kind: "open", port, requests });
  const opening = machineTime() - openedAt;
  const open = await instance.weigh();

  const startedAt = machineTime();
  let doneAt = Number.NaN;
  const ending = async () => {
    await end({ databaseUrl, port, callers });
    doneAt = machineTime();
  };
  const [result] = await Promise.all([generator.run({ kind: "await-end", patience: PATIENCE }), ending()]);
  await instance.stop();
  return { idle, open, opening, took: doneAt - startedAt, doneAt, result };
}

function rowOf(name: string, { opening, took, doneAt, result }: Outcome, count: number): string[] {
  const told = result.toldAt.filter((at) => !Number.isNaN(at)).map((at) => at - doneAt);
  const closed = result.endedAt.filter((at) => !Number.isNaN(at)).map((at) => at - doneAt);
  return [
    name,
    milliseconds(opening),
    milliseconds(took),
    `${number(told.length)} of ${number(count)}`,
    milliseconds(quantile(told, 0)),
    milliseconds(quantile(told, 0.5)),
    milliseconds(quantile(told, 1)),
    closed.length === count
      ? milliseconds(quantile(closed, 1))
      : `${number(count - closed.length)} stayed open`,
    megabytes(result.bytes),
  ];
}

/** Connections that a process may have, less what it needs otherwise. Node itself raises the soft limit to the hard one. */
function mostStreams(): number {
  try {
    const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    return limit === "unlimited" ? STREAMS : Math.max(100, Number(limit) - 300);
  } catch {
    return STREAMS;
  }
}
