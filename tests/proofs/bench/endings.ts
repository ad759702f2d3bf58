import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "./context";
import { bearer, requestBytes } from "./http";
import { type Instance, startInstance } from "./instance";
import { populate, Signer } from "./population";
import { milliseconds, number, progress } from "./report";
import { quantile } from "./statistics";

const FLEETS = [1, 3];
const SUSPENSIONS = 3;
const PER_PERSON = 11;

/** How long the answer to `DELETE /api/auth/sessions/{id}` takes: it is given when every instance refuses the session. */
export async function endings(context: Context): Promise<void> {
  const { stage, secrets, report, quick } = context;
  const endingsEach = quick ? 150 : 300;
  const warmUp = 50;
  const callers = Math.ceil((endingsEach + warmUp) / (PER_PERSON - 1)) + SUSPENSIONS;
  const population = { people: FLEETS.length * callers, live: PER_PERSON, ended: 0 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  const signer = new Signer(secrets, population);

  /** Requests that end all other sessions of a person each. */
  const requestsOf = (person: number) => {
    const { token } = signer.caller(person);
    return Array.from({ length: PER_PERSON - 1 }, (_, other) => {
      const { sessionId } = signer.caller(person + (other + 1) * population.people);
      return requestBytes("DELETE", `/api/auth/sessions/${sessionId}`, bearer(token));
    });
  };

  const rows: string[][] = [];
  const fleet: Instance[] = [];
  for (const [index, size] of FLEETS.entries()) {
    while (fleet.length < size) fleet.push(await startInstance({ databaseUrl, secrets }));
    progress(`${endingsEach} endings, ${size} ${size === 1 ? "instance" : "instances"}`);
    const [asked] = fleet;
    if (!asked) throw new Error("There is no instance.");
    const people = Array.from({ length: callers }, (_, caller) => index * callers + caller);
    const requests = people.flatMap(requestsOf);
    const bares = Array.from({ length: endingsEach }, () => requestBytes("GET", "/api/health/live"));
    const inTurn = (some: string[], status: number) =>
      context.generator.run({ kind: "load", port: asked.port, connections: 1, requests: some, status });

    await inTurn(requests.splice(0, warmUp), 204);
    const bare = await inTurn(bares, 200);
    const ended = await inTurn(requests.splice(0, endingsEach), 204);
    const name = size === 1 ? "1 instance" : `${size} instances`;
    if (index === 0) rows.push(rowOf("a bare handler, for comparison", bare.latencies, bare.latencies));
    rows.push(rowOf(name, ended.latencies, bare.latencies));

    if (size > 1) {
      const waits = await withSuspended(fleet, requests, (request) => inTurn([request], 204));
      rows.push(rowOf(`${size} instances, one of them suspended`, waits, bare.latencies));
    }
  }

  report.heading("How long an ending takes");
  report.text(
    "From DELETE sent to its answer, one after the other. The answer leaves when every instance refuses the session. " +
      "A suspended instance (SIGSTOP) can delay one ending by its lease (2 s here), and is then not waited for any more.",
  );
  report.table(["endings", "count", "p50", "p99", "longest", "p50 to bare"], rows);
  await Promise.all(fleet.map((instance) => instance.stop()));
}

/** Endings that begin when one instance has just fallen silent. */
async function withSuspended(
  fleet: Instance[],
  requests: string[],
  end: (request: string) => Promise<{ latencies: Float64Array }>,
): Promise<number[]> {
  const waits: number[] = [];
  const silent = fleet.at(-1);
  for (let round = 1; round <= SUSPENSIONS; round += 1) {
    progress(`suspension ${round} of ${SUSPENSIONS}`);
    silent?.kill("SIGSTOP");
    const request = requests.pop();
    if (!request) throw new Error("There are too few sessions to end.");
    try {
      waits.push((await end(request)).latencies[0] ?? Number.NaN);
    } finally {
      silent?.kill("SIGCONT");
    }
    // It enters the list again.
    await pause(3_000);
  }
  return waits;
}

function rowOf(name: string, latencies: ArrayLike<number>, bare: ArrayLike<number>): string[] {
  const p50 = quantile(latencies, 0.5);
  return [
    name,
    String(latencies.length),
    milliseconds(p50),
    milliseconds(quantile(latencies, 0.99)),
    milliseconds(quantile(latencies, 1)),
    `× ${number(p50 / quantile(bare, 0.5))}`,
  ];
}
