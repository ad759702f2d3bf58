import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { withConnection } from "@/scripts/database";
import type { Context } from "./context";
import { startInstance } from "./instance";
import type { Operation, World } from "./scale-operations";

// The plans of the very statements that the app sends, as PostgreSQL ran them: auto_explain writes them to its log.

const AUTO_EXPLAIN = {
  session_preload_libraries: "auto_explain",
  "auto_explain.log_min_duration": 0,
  "auto_explain.log_analyze": "on",
  "auto_explain.log_buffers": "on",
  "auto_explain.log_parameter_max_length": 60,
};

/** A prepared statement gets a plan for all parameters after five runs of plans for its own. */
const RUNS = 8;
const LONGEST_STATEMENT = 700;
/** The feed's own, and what is noted after the answers. */
const BESIDES = /SKIP LOCKED|instances/;

/** Reports the plans of every statement of each route. */
export async function explainRoutes(context: Context, world: World, operations: Operation[]): Promise<void> {
  const { report, generator, secrets } = context;
  await withConnection(world.databaseUrl, async (client) => {
    await explainEverything(client);
    const log = await logFile(client);
    const instance = await startInstance({
      databaseUrl: world.databaseUrl,
      secrets,
      env: { DATABASE_POOL_SIZE: "1" },
    });
    const { port } = instance;
    report.heading("The plans over 1,000,000 sessions", 3);
    report.text(
      "As PostgreSQL ran them (auto_explain with analyze and buffers), the last of several runs of each statement.",
    );
    for (const [index, { name, requests, prepare, status }] of operations.entries()) {
      // People whom the measurements have not used.
      const from = 50_000 + index * RUNS;
      const preparing = prepare?.(world, from, RUNS) ?? [];
      await generator.run({ kind: "load", port, connections: 1, requests: preparing, status: 200 });
      const before = (await readFile(log)).length;
      await generator.run({
        kind: "load",
        port,
        connections: 1,
        requests: requests(world, from, RUNS),
        status,
      });
      await pause(200);
      const written = (await readFile(log)).subarray(before).toString();
      report.text(`**${name}**`);
      report.code(plansIn(written).join("\n\n"));
    }
    await instance.stop();
  });
}

async function explainEverything(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
  // Unknown names become settings only once the library is there.
  await client.query("LOAD 'auto_explain'");
  for (const [setting, value] of Object.entries(AUTO_EXPLAIN))
    await client.query(`ALTER DATABASE ${rows[0]?.name} SET ${setting} = '${value}'`);
}

/** Where the embedded server writes its log. */
async function logFile(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
  return join(dirname(rows[0]?.data_directory ?? ""), "server.log");
}

/** The last plan of each statement, with the statement above it, in the order in which they were first run. */
function plansIn(log: string): string[] {
  const last = new Map<string, string>();
  for (const entry of log.split(/\n(?!\t)/)) {
    const [head, ...lines] = entry.split("\n\t");
    if (!head?.endsWith("plan:")) continue;
    const planAt = lines.findIndex((line) => line.includes("(cost="));
    const parametersAt = lines.findIndex((line) => line.startsWith("Query Parameters:"));
    const statementEnd = parametersAt < 0 ? planAt : parametersAt;
    const statement = lines.slice(0, statementEnd).join(" ").replace("Query Text: ", "").replace(/\s+/g, " ");
    const duration = /duration: (.*?)\s+plan:/.exec(head)?.[1];
    if (!BESIDES.test(statement))
      last.set(statement, `${short(statement)}\n-- ${duration}\n${lines.slice(planAt).join("\n")}`);
  }
  return [...last.values()];
}

/** Most statements name many columns, and the plan tells which table they are of. */
function short(statement: string): string {
  const text = statement.trim().replace(/^SELECT .{80,}? FROM /, "SELECT … FROM ");
  return text.length > LONGEST_STATEMENT ? `${text.slice(0, LONGEST_STATEMENT)}…` : text;
}
