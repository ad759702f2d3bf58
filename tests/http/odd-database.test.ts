import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIFETIMES } from "@/lib/product";
import { connect } from "../support/database/database";
import { makeOdd } from "../support/database/odd-settings";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import { program } from "../support/http/client";
import { expectProblem, sessionShape } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { eventually } from "../support/http/timing";
import { freshEmail, PASSWORD } from "../support/people/people";

// A database whose settings somebody else chose, in a time zone far from the server's: a moment is the same moment, and
// a row the same row.

const VERIFY = "/api/auth/verify";
const SESSIONS = "/api/auth/sessions";

/** What the row says, in seconds since 1970, which no setting changes. */
const ROW = `SELECT extract(epoch FROM created_at)::float8 AS created, extract(epoch FROM auth_time)::float8 AS authenticated,
  extract(epoch FROM last_seen_at)::float8 AS seen, extract(epoch FROM expires_at)::float8 AS expires,
  extract(epoch FROM ended_at)::float8 AS ended, encode(secret_hash, 'hex') AS hash, amr[1] AS amr
  FROM public.sessions WHERE id = $1`;

describe.each([
  { zone: "Asia/Tokyo", processZone: "America/New_York" },
  { zone: "America/St_Johns", processZone: "Asia/Kathmandu" },
])("a database in $zone with odd settings, and a server in $processZone", ({ zone, processZone }) => {
  let postgres: OwnPostgres;
  let server: Server;
  let db: pg.Pool;
  beforeAll(async () => {
    postgres = await startOwnPostgres((url) => makeOdd(url, zone));
    server = await startServer({ databaseUrl: postgres.url, env: { TZ: processZone } });
    db = connect(postgres.url);
  });
  afterAll(async () => {
    await server?.stop();
    await db?.end();
    await postgres?.stop();
  });

  type Started = { token: string; expires_at: string; session: { id: string; created_at: string } };
  const credentials = { email: freshEmail(), password: PASSWORD };
  const logIn = async () =>
    (await program(server).post("/api/auth/login", { json: credentials })).json<Started>();
  const rowOf = async (id: string) => (await db.query(ROW, [id])).rows[0];

  test("the settings are as odd as they should be for everybody but this app", async () => {
    const stranger = new pg.Client(postgres.url);
    await stranger.connect();
    const { rows } = await stranger.query(
      "SELECT current_setting('TimeZone') AS zone, current_schema() AS schema",
    );
    await stranger.end();
    expect(rows).toEqual([{ zone, schema: "decoy" }]);
  });

  test("sign-up, sign-in, verify and the list tell the moments that are in the row", async () => {
    await eventually(async () => {
      const signedUp = await program(server).post("/api/auth/signup", { json: credentials });
      expect([201, 409]).toContain(signedUp.status);
    });
    const before = Date.now();
    const { token, expires_at, session } = await logIn();
    const after = Date.now();

    const row = await rowOf(session.id);
    const created = row.created * 1000;
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(after);
    expect([row.authenticated, row.seen]).toEqual([row.created, row.created]);
    expect(row.expires * 1000).toBe(Math.floor(created / 1000) * 1000 + LIFETIMES.brief.absolute);
    expect(new Date(expires_at).getTime()).toBe(row.expires * 1000);
    expect(new Date(session.created_at).getTime()).toBe(Math.round(created));
    expect(row).toMatchObject({ amr: "pwd", hash: expect.stringMatching(/^[0-9a-f]{64}$/) });

    const verified = await program(server, token).get(VERIFY);
    expect(verified.status).toBe(200);
    expect(verified.json()).toMatchObject({ active: true, exp: row.expires, session: { id: session.id } });
    const { sessions } = (await program(server, token).get(SESSIONS)).json<{ sessions: unknown[] }>();
    expect(sessions[0]).toEqual(sessionShape({ id: session.id, created_at: session.created_at, expires_at }));
  });

  test("a session that is ended is told and stored with the moment of its end", async () => {
    const [mine, other] = [await logIn(), await logIn()];
    const before = Date.now();
    const path = `${SESSIONS}/${other.session.id}`;
    expect((await program(server, mine.token).delete(path)).status).toBe(204);
    const after = Date.now();
    expectProblem(await program(server, other.token).get(VERIFY), "session_ended");
    const { ended } = await rowOf(other.session.id);
    expect(ended * 1000).toBeGreaterThanOrEqual(before);
    expect(ended * 1000).toBeLessThanOrEqual(after);
    const history = await program(server, mine.token).get(`${SESSIONS}?state=ended`);
    const [first] = history.json<{ sessions: { ended_at: string }[] }>().sessions;
    expect(new Date(first?.ended_at ?? 0).getTime()).toBe(Math.round(ended * 1000));
  });

  test.each([
    ["unused for its idle time", "last_seen_at = now() - make_interval(secs => idle_seconds - $2)"],
    [
      "at its absolute end",
      "created_at = now() - interval '1 day', expires_at = now() + make_interval(secs => $2)",
    ],
  ])("a session ends %s, and not a minute earlier", async (_, change) => {
    const { token, session } = await logIn();
    const update = `UPDATE sessions SET ${change} WHERE id = $1`;
    await db.query(update, [session.id, 60]);
    await expect.poll(async () => (await program(server, token).get(VERIFY)).status).toBe(200);
    await db.query(update, [session.id, -1]);
    await expect.poll(async () => (await program(server, token).get(VERIFY)).status).toBe(401);
  });

  test("somebody who ends a session by hand, on a connection of any settings, ends it everywhere", async () => {
    const { token, session } = await logIn();
    expect((await program(server, token).get(VERIFY)).status).toBe(200);
    const stranger = new pg.Client(postgres.url);
    await stranger.connect();
    await stranger.query("CREATE TEMP TABLE sessions (id uuid)");
    await stranger.query(
      "UPDATE public.sessions SET ended_at = now(), ended_reason = 'reported' WHERE id = $1",
      [session.id],
    );
    await expect.poll(async () => (await program(server, token).get(VERIFY)).status).toBe(401);
    await stranger.query("UPDATE public.users SET disabled_at = now() WHERE email = $1", [credentials.email]);
    await stranger.end();
    const { rows } = await db.query("SELECT count(*) FROM sessions WHERE ended_at IS NULL");
    expect(rows).toEqual([{ count: "0" }]);
  });
});
