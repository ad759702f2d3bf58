import { withConnection } from "@/scripts/database";
import type { Context } from "./context";
import { startInstance } from "./instance";
import { explainRoutes } from "./plans";
import { type Population, populate, Signer } from "./population";
import { milliseconds, number, progress, ratio } from "./report";
import { OPERATIONS, type Operation, type World } from "./scale-operations";
import { median } from "./statistics";

const SMALL: Population = { people: 1_000, live: 5, ended: 5 };
const LARGE: Population = { people: 100_000, live: 5, ended: 5 };
const ALLOWED = 1.2;

/** What a hundred times as many sessions cost. */
export async function scale(context: Context): Promise<void> {
  const { report } = context;
  const small = await createWorld(context, SMALL);
  const large = await createWorld(context, LARGE);
  // No more than there are people in the small table, counting the first round.
  const rounds = Math.min(3 * context.rounds, 23);

  report.heading("10,000 and 1,000,000 sessions");
  report.text(
    "Of 1,000 and of 100,000 people, 5 live and 5 ended sessions and 10 security events each. The routes are called one " +
      "request after the other, each for another person, in turn on both. “In PostgreSQL” is what its statements take " +
      `there, by pg_stat_statements. The large table may cost ${ALLOWED} times as much.`,
  );
  const rows: string[][] = [];
  for (const operation of OPERATIONS) {
    progress(operation.name);
    const times: [number[], number[]] = [[], []];
    const costs: [number[], number[]] = [[], []];
    // The first round warms both up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, world] of [small, large].entries()) {
        const { p50, inDatabase } = await perform(context, world, operation, round);
        if (round === 0) continue;
        times[index]?.push(p50);
        costs[index]?.push(inDatabase);
      }
    }
    const [few, many] = times.map(median);
    const [fewCosts, manyCosts] = costs.map(median);
    if (!few || !many || !fewCosts || !manyCosts)
      throw new Error(`Nothing was measured of ${operation.name}.`);
    rows.push([
      operation.name,
      milliseconds(few),
      milliseconds(many),
      `× ${ratio(many / few)}`,
      many / few <= ALLOWED ? "yes" : "NO",
      milliseconds(fewCosts),
      milliseconds(manyCosts),
      `× ${ratio(manyCosts / fewCosts)}`,
    ]);
  }
  report.table(
    ["route (p50)", "10,000", "1,000,000", "ratio", "within", "in PostgreSQL: 10,000", "1,000,000", "ratio"],
    rows,
  );
  report.text(`The large database takes ${await sizeOf(large)} on disk.`);
  await Promise.all([small.instance.stop(), large.instance.stop()]);

  progress("plans");
  await explainRoutes(context, large, OPERATIONS);
}

async function createWorld({ stage, secrets }: Context, population: Population): Promise<World> {
  progress(`${number(population.people * (population.live + population.ended))} sessions`);
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population);
  const instance = await startInstance({ databaseUrl, secrets });
  return { population, databaseUrl, instance, signer: new Signer(secrets, population) };
}

async function perform(
  { generator }: Context,
  world: World,
  { count, status, requests, prepare }: Operation,
  round: number,
): Promise<{ p50: number; inDatabase: number }> {
  const { port } = world.instance;
  const from = round * count;
  const preparing = prepare?.(world, from, count) ?? [];
  await generator.run({ kind: "load", port, connections: 1, requests: preparing, status: 200 });
  return withConnection(world.databaseUrl, async (client) => {
    await client.query(
      "SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()",
    );
    const job = {
      kind: "load",
      port,
      connections: 1,
      requests: requests(world, from, count),
      status,
    } as const;
    const { latencies } = await generator.run(job);
    // Not what the instance does besides: renewing its lease and noting who was seen.
    const { rows } = await client.query<{ total: number }>(
      `SELECT sum(total_exec_time) AS total FROM pg_stat_statements
       WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND query !~ 'pg_stat_statements|UPDATE instances|AS listed|SKIP LOCKED'`,
    );
    return { p50: median(latencies), inDatabase: (rows[0]?.total ?? 0) / count };
  });
}

async function sizeOf({ databaseUrl }: World): Promise<string> {
  const { rows } = await withConnection(databaseUrl, (client) =>
    client.query<{ size: string }>("SELECT pg_size_pretty(pg_database_size(current_database())) AS size"),
  );
  return rows[0]?.size ?? "?";
}
