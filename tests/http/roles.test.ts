import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withConnection } from "@/scripts/database";
import { applyMigrations } from "@/scripts/migrations/migrate";
import { startThrowaway } from "@/scripts/postgres/embedded";
import { connect } from "../support/database/database";
import { program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { ROOT, type Server, startServer } from "../support/http/server";
import { freshEmail, PASSWORD } from "../support/people/people";
import { freshSecrets, randomName } from "../support/people/secrets";

// The two roles of deploy/roles.sql: the owner migrates, the app reads and writes and can do nothing else.

const METRICS_TOKEN = randomName().repeat(4);
let administrator: Awaited<ReturnType<typeof startThrowaway>>;
const as = (role: string) =>
  Object.assign(new URL(administrator.url), { username: role, password: role }).toString();
const query = (url: string, sql: string) =>
  withConnection(url, async (client) => (await client.query(sql)).rows);

const servers: Server[] = [];
beforeAll(async () => {
  administrator = await startThrowaway();
  await query(administrator.url, await readFile(join(ROOT, "deploy", "roles.sql"), "utf8"));
  for (const role of ["latchkey_owner", "latchkey_app"])
    await query(administrator.url, `ALTER ROLE ${role} PASSWORD '${role}'`);
  await query(administrator.url, "CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
  await applyMigrations(as("latchkey_owner"));

  const settings = { databaseUrl: as("latchkey_app"), secrets: await freshSecrets(), env: { METRICS_TOKEN } };
  servers.push(await startServer(settings));
  const origin = servers[0]?.origin ?? "";
  servers.push(await startServer({ ...settings, env: { METRICS_TOKEN, PUBLIC_ORIGIN: origin } }));
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await administrator?.stop();
});

describe("with the app's role", () => {
  test("people sign up, sign in, look, rename and end, on two instances that hold leases", async () => {
    const [one, other] = servers;
    if (!one || !other) throw new Error("There are no servers.");
    const lease = async (server: Server) =>
      Number(
        /^latchkey_lease_left_seconds (.+)$/m.exec(
          (await program(server, METRICS_TOKEN).get("/api/metrics")).text,
        )?.[1],
      );
    for (const server of servers)
      await expect.poll(() => lease(server), { timeout: 20_000 }).toBeGreaterThan(0);

    const email = freshEmail();
    const signedUp = await program(one).post("/api/auth/signup", { json: { email, password: PASSWORD } });
    expect(signedUp.status).toBe(201);
    const signedIn = await program(other).post("/api/auth/login", { json: { email, password: PASSWORD } });
    expect(signedIn.status).toBe(200);
    expectProblem(
      await program(one).post("/api/auth/login", { json: { email, password: `${PASSWORD}?` } }),
      "invalid_credentials",
    );

    const { token, session } = signedIn.json<{ token: string; session: { id: string } }>();
    const renamed = await program(one, token).send("PATCH", `/api/auth/sessions/${session.id}`, {
      json: { name: "Mine" },
    });
    expect(renamed.status).toBe(200);
    const list = await program(one, token).get("/api/auth/sessions");
    expect(list.json<{ sessions: unknown[] }>().sessions).toHaveLength(2);
    expect((await program(one, token).post("/api/auth/logout-others")).json()).toEqual({ ended: 1 });
    expectProblem(
      await program(other, String(signedUp.json().token)).get("/api/auth/verify"),
      "session_ended",
    );
    expect((await program(other, token).post("/api/auth/logout")).status).toBe(204);
    expectProblem(await program(one, token).get("/api/auth/verify"), "session_ended");
  });

  test("the connection of an instance that is struck off is ended", async () => {
    const [server] = servers;
    if (!server) throw new Error("There is no server.");
    const json = { email: freshEmail(), password: PASSWORD };
    const { token } = (await program(server).post("/api/auth/signup", { json })).json<{ token: string }>();
    // A feed that was entered on the list and then stood still.
    const still = new pg.Client({
      connectionString: as("latchkey_app"),
      application_name: "latchkey-feed",
    });
    const lost = new Promise((resolve) => still.on("error", resolve));
    await still.connect();
    await still.query(`INSERT INTO instances (id, lease_ms, backend) SELECT gen_random_uuid(), 200,
      pid || '/' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid()`);
    expect((await program(server, token).post("/api/auth/logout")).status).toBe(204);
    expect(await lost).toMatchObject({ code: "57P01" });
  });

  test("nothing was refused to it", () => {
    const refused = servers
      .flatMap(({ lines }) => lines)
      .filter((line) => /permission denied|42501/.test(line));
    expect(refused).toEqual([]);
  });

  test("what the background does to rows is allowed, too", async () => {
    const db = connect(as("latchkey_app"));
    for (const table of "users sessions security_events rate_limits instances links known_places outbox".split(
      " ",
    )) {
      await db.query(`DELETE FROM ${table} WHERE false`);
      await db.query(`SELECT FROM ${table} FOR UPDATE SKIP LOCKED`);
    }
    await db.end();
  });

  test.each([
    ["make a table", "CREATE TABLE mine (id int)"],
    ["make a temporary one", "CREATE TEMPORARY TABLE mine (id int)"],
    ["drop one", "DROP TABLE sessions"],
    ["empty one at a stroke", "TRUNCATE sessions CASCADE"],
    ["change one", "ALTER TABLE users ADD COLUMN more int"],
    ["silence the triggers", "ALTER TABLE sessions DISABLE TRIGGER ALL"],
    ["silence them for itself", "SET session_replication_role = replica"],
    [
      "replace what they do",
      "CREATE OR REPLACE FUNCTION tell(kind text, ids text[]) RETURNS void LANGUAGE sql AS ''",
    ],
    ["read the server's files", "SELECT pg_read_file('/etc/passwd')"],
    ["become the owner", "SET ROLE latchkey_owner"],
  ])("it cannot %s", async (_, sql) => {
    await expect(query(as("latchkey_app"), sql)).rejects.toThrow(/permission denied|must be owner/);
  });
});

test("another role of the server cannot even connect, so it can neither read nor notify", async () => {
  await expect(query(as("stranger"), "NOTIFY latchkey, 'f1:'")).rejects.toThrow(
    /permission denied for database/,
  );
});

test("the file can be run again", async () => {
  await query(administrator.url, await readFile(join(ROOT, "deploy", "roles.sql"), "utf8"));
});
