// Shared: the scripts that production runs without a compiler open connections, too. Hence JavaScript.
// @ts-check

/** Where the tables are. */
export const SCHEMA = "public";

/**
 * What changes how values are written, read or found, or what a commit means, as it must be on every connection, whatever
 * server, database, role, pooler or URL say. docs/operations.md has the whole list, with what needs no pinning.
 *
 * Behind a pooler, which lends a connection of the server for one transaction, `SET` holds only where the pooler keeps
 * track of it, as PgBouncer does of four. Others must be right by themselves (`refuse`); what none of our statements
 * depends on is left as it is.
 * @type {Record<string, { value: string, orBetter?: string, behindPooler: "set" | "refuse" | "leave" }>}
 */
export const SETTINGS = {
  // Prisma's adapter and node-postgres read ISO only.
  TimeZone: { value: "UTC", behindPooler: "set" },
  DateStyle: { value: "ISO, MDY", behindPooler: "set" },
  client_encoding: { value: "UTF8", behindPooler: "set" },
  standard_conforming_strings: { value: "on", behindPooler: "set" },
  search_path: { value: SCHEMA, behindPooler: "refuse" },
  // Locks are taken, and then rows are read that others have committed meanwhile.
  default_transaction_isolation: { value: "read committed", behindPooler: "refuse" },
  // An ending that was answered must survive a crash.
  synchronous_commit: { value: "on", orBetter: "remote_apply", behindPooler: "refuse" },
  IntervalStyle: { value: "postgres", behindPooler: "leave" },
  bytea_output: { value: "hex", behindPooler: "leave" },
  extra_float_digits: { value: "1", behindPooler: "leave" },
  array_nulls: { value: "on", behindPooler: "leave" },
  transform_null_equals: { value: "off", behindPooler: "leave" },
};

// One row: what a new connection is like, written so that no setting changes how it is read.
const LOOK = `
  SELECT pg_backend_pid() AS pid, pg_is_in_recovery() AS "isRecovering",
    current_setting('transaction_read_only') = 'on' AS "isReadOnly", current_schema() AS schema,
    current_setting('server_encoding') AS encoding, current_setting('session_replication_role') AS "replicationRole",
    ARRAY(SELECT current_setting(name) FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place) ORDER BY place) AS values`;

/**
 * @typedef {{ pid: number, isRecovering: boolean, isReadOnly: boolean, schema: string | null, encoding: string,
 *   replicationRole: string, values: string[] }} Look
 */

/** Thrown where a database cannot be used the way it is set up; `problems` has a sentence for each reason. */
export class UnsuitableDatabase extends Error {
  /** @param {string[]} problems */
  constructor(problems) {
    super(problems.join(" "));
    this.name = "UnsuitableDatabase";
    this.problems = problems;
  }
}

/**
 * Looks at a connection that was just opened and pins the settings. Gives what it is like. Throws `UnsuitableDatabase`.
 * Every connection goes through here before its first use.
 * @param {import("pg").ClientBase} client
 * @returns {Promise<Look>}
 */
export async function pinSettings(client) {
  const { rows } = await client.query(LOOK, [Object.keys(SETTINGS)]);
  /** @type {Look} */
  const look = rows[0];
  // A pooler makes up the number by which a connection can be cancelled. node-postgres knows it, its types do not.
  const isDirect = "processID" in client && client.processID === look.pid;
  const { toSet, problems } = judge(look, isDirect ? "direct" : "pooler");
  if (problems.length > 0) throw new UnsuitableDatabase(problems);
  if (toSet.length > 0)
    await client.query(toSet.map(([name, value]) => `SET ${name} TO '${value}'`).join("; "));
  return look;
}

/**
 * What must be set, name and value, and what stands in the way of that, a sentence each.
 * @param {Look} look
 * @param {"pooler" | "direct"} through
 */
function judge({ schema, encoding, replicationRole, values }, through) {
  /** @type {string[]} */
  const problems = [];
  if (encoding !== "UTF8")
    problems.push(
      `server_encoding is ${encoding}: the database must be one that was created with ENCODING 'UTF8' TEMPLATE template0.`,
    );
  if (replicationRole === "replica")
    problems.push(
      "session_replication_role is replica, which switches off the triggers that tell of ended sessions: reset it for this role and database.",
    );

  /** @type {[string, string][]} */
  const toSet = [];
  for (const [index, [name, { value, orBetter, behindPooler }]] of Object.entries(SETTINGS).entries()) {
    const found = values[index];
    if (found === value || found === orBetter) continue;
    if (through === "direct" || behindPooler === "set") toSet.push([name, value]);
    // The usual path, "$user" and then public, leads to the same tables.
    else if (behindPooler === "refuse" && !(name === "search_path" && schema === SCHEMA))
      problems.push(
        `${name} is "${found}", and behind a pooler it cannot be set for this app alone: ALTER ROLE … SET ${name} = '${value}'.`,
      );
  }
  return { toSet, problems };
}
