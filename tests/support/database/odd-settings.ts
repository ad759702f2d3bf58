import { withConnection } from "@/scripts/database";

// A PostgreSQL as others may have set it up: every setting that changes how values are written, read or found differs from
// the usual.

const ODD = {
  DateStyle: "SQL, DMY",
  IntervalStyle: "sql_standard",
  bytea_output: "escape",
  extra_float_digits: "-15",
  standard_conforming_strings: "off",
  default_transaction_isolation: "serializable",
  default_transaction_deferrable: "on",
  synchronous_commit: "off",
  array_nulls: "off",
  transform_null_equals: "on",
  row_security: "off",
  xmloption: "document",
};

/** Gives the server's only role these settings, with its own time zone, and the database tables that look like ours. */
export async function makeOdd(url: string, timeZone: string): Promise<void> {
  await withConnection(url, async (client) => {
    for (const [name, value] of Object.entries({ ...ODD, TimeZone: timeZone }))
      await client.query(`ALTER ROLE CURRENT_USER SET ${name} TO '${value}'`);
    // Quoted as a whole it would be one schema.
    await client.query("ALTER ROLE CURRENT_USER SET search_path TO decoy, public");
  });
  await addDecoy(url);
}

/** Tables of the same names, in the schema that the role's search_path puts first. */
export async function addDecoy(url: string): Promise<void> {
  await withConnection(url, (client) =>
    client.query(`CREATE SCHEMA decoy;
      CREATE TABLE decoy.users (id uuid); CREATE TABLE decoy.sessions (id uuid, user_id uuid);
      CREATE TABLE decoy.security_events (id uuid); CREATE TABLE decoy.instances (id uuid);
      CREATE TABLE decoy.rate_limits (key text); CREATE SEQUENCE decoy.fences`),
  );
}
