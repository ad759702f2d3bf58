import { createServer, type Server as NetServer } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { urlOfDatabase, withConnection } from "@/scripts/database";
import { type OwnPostgres, startOwnPostgres } from "../support/database/own-postgres";
import { TcpProxy } from "../support/database/tcp-proxy";
import { eventually } from "../support/http/timing";
import { withSettings } from "../support/people/settings";

// Every way in which a real PostgreSQL, or the network before it, can be brought to refuse: each is known as trouble that
// passes, asked on the pool and through Prisma, and each is over when its cause is.

let postgres: OwnPostgres;
let owner: pg.Client;
let appUrl: string;
const PASSWORD = "the-password-of-the-app";

beforeAll(async () => {
  postgres = await startOwnPostgres();
  owner = new pg.Client(urlOfDatabase(postgres.url, "postgres"));
  owner.on("error", () => {});
  await owner.connect();
  await owner.query("SET default_transaction_read_only TO off");
  // As docs/operations.md has it: one role owns the schema, another one only reads and writes.
  await owner.query(`CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'`);
  await inDatabase("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app");
  await inDatabase("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app");
  const url = new URL(postgres.url);
  url.username = "app";
  url.password = PASSWORD;
  appUrl = url.toString();
});
afterAll(async () => {
  await owner?.end();
  await postgres?.stop();
});

const inDatabase = (sql: string) => withConnection(postgres.url, (client) => client.query(sql));
const database = () => new URL(postgres.url).pathname.slice(1);
const disconnectApp = () =>
  owner.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");

let close = async () => {};
afterEach(() => close());

/** The app's own access to a database, as in a process that was started with that URL. */
async function accessTo(url: string) {
  const errors = await import("@/lib/database/errors");
  const db = await withSettings({ DATABASE_URL: url }, () => import("@/lib/db"));
  close = db.closeDatabase;
  const read = () => db.pool().query("SELECT id FROM sessions LIMIT 1");
  const write = () => db.pool().query("UPDATE instances SET lease_ms = lease_ms WHERE false");
  const readByPrisma = () => db.gatePrisma().user.findFirst();
  const transact = () =>
    db.gatePrisma().$transaction((tx) => tx.$executeRaw`UPDATE users SET name = name WHERE false`);
  return { ...db, isUnavailable: errors.isUnavailable, read, write, readByPrisma, transact };
}

type Access = Awaited<ReturnType<typeof accessTo>>;

/** What each of the ways to ask comes to: "ok", "unavailable", or the error that is neither. */
async function outcomes({ isUnavailable, read, write, readByPrisma, transact }: Access): Promise<unknown[]> {
  const ways = [read, write, readByPrisma, transact];
  const settled = await Promise.allSettled(ways.map((way) => way() as Promise<unknown>));
  return settled.map((each) =>
    each.status === "fulfilled" ? "ok" : isUnavailable(each.reason) ? "unavailable" : each.reason,
  );
}

const ALL_OK = ["ok", "ok", "ok", "ok"];
/** On a busy machine a new connection may come too late. */
const allOk = (access: Access) => eventually(async () => expect(await outcomes(access)).toEqual(ALL_OK));
const ALL_UNAVAILABLE = ["unavailable", "unavailable", "unavailable", "unavailable"];

describe("a server that refuses", () => {
  test.each([
    ["28P01, another password", "ALTER ROLE app PASSWORD 'another'", `ALTER ROLE app PASSWORD '${PASSWORD}'`],
    ["28000, no log-in", "ALTER ROLE app NOLOGIN", "ALTER ROLE app LOGIN"],
    ["53300, no connection left", "ALTER ROLE app CONNECTION LIMIT 0", "ALTER ROLE app CONNECTION LIMIT -1"],
    [
      "55000, a database that takes no connections",
      "ALTER DATABASE %db ALLOW_CONNECTIONS false",
      "ALTER DATABASE %db ALLOW_CONNECTIONS true",
    ],
    [
      "42501, a privilege to connect that is gone",
      "REVOKE CONNECT ON DATABASE %db FROM PUBLIC",
      "GRANT CONNECT ON DATABASE %db TO PUBLIC",
    ],
    [
      "3D000, a database that is gone",
      "ALTER DATABASE %db RENAME TO gone",
      "ALTER DATABASE gone RENAME TO %db",
    ],
  ])("%s: unavailable, and not ready, until it ends", async (_, begin, end) => {
    const access = await accessTo(appUrl);
    await allOk(access);
    const inside = (sql: string) => owner.query(sql.replaceAll("%db", database()));
    // A database that somebody is connected to cannot be renamed.
    await eventually(async () => {
      await disconnectApp();
      await inside(begin);
    });
    try {
      await disconnectApp();
      await eventually(async () => expect(await outcomes(access)).toEqual(ALL_UNAVAILABLE));
      expect(await access.databaseCanWrite()).toBe(false);
    } finally {
      await inside(end);
    }
    await allOk(access);
    await eventually(async () => expect(await access.databaseCanWrite()).toBe(true));
  });

  test.each([
    [
      "42501, privileges that are gone",
      "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM app",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app",
    ],
    [
      "42P01, tables that are not there",
      "ALTER TABLE sessions RENAME TO a; ALTER TABLE instances RENAME TO b; ALTER TABLE users RENAME TO c",
      "ALTER TABLE a RENAME TO sessions; ALTER TABLE b RENAME TO instances; ALTER TABLE c RENAME TO users",
    ],
  ])("%s: unavailable until it ends", async (_, begin, end) => {
    const access = await accessTo(appUrl);
    await inDatabase(begin);
    expect(await outcomes(access)).toEqual(ALL_UNAVAILABLE);
    expect(await access.databaseCanWrite()).toBe(false);
    await inDatabase(end);
    await allOk(access);
  });

  test.each([
    ["57014, a statement that takes longer than it may", "statement_timeout"],
    ["55P03, a lock that is not to be had", "lock_timeout"],
  ])("%s: unavailable until it ends", async (_, limit) => {
    await owner.query(`ALTER ROLE app SET ${limit} TO '50ms'`);
    const access = await accessTo(appUrl);
    await withConnection(postgres.url, async (inside) => {
      await inside.query("BEGIN; LOCK sessions, instances, users");
      expect(await outcomes(access)).toEqual(ALL_UNAVAILABLE);
    });
    await allOk(access);
    await owner.query("ALTER ROLE app RESET ALL");
  });
});

describe("a server that only reads", () => {
  test.each([
    [
      "by its own setting",
      "ALTER SYSTEM SET default_transaction_read_only TO on",
      "ALTER SYSTEM RESET default_transaction_read_only",
    ],
    [
      "by the database's",
      "ALTER DATABASE %db SET default_transaction_read_only TO on",
      "ALTER DATABASE %db RESET default_transaction_read_only",
    ],
    [
      "by the role's",
      "ALTER ROLE app SET default_transaction_read_only TO on",
      "ALTER ROLE app RESET default_transaction_read_only",
    ],
  ])("%s is asked but not written to, and no connection of then is kept", async (_, begin, end) => {
    const access = await accessTo(appUrl);
    const change = async (sql: string) => {
      await owner.query(sql.replaceAll("%db", database()));
      await owner.query("SELECT pg_reload_conf()");
    };
    await change(begin);
    await disconnectApp();
    const readOnly = ["ok", "unavailable", "ok", "unavailable"];
    await eventually(async () => expect(await outcomes(access)).toEqual(readOnly));
    expect(await access.databaseCanWrite()).toBe(false);
    // Many at once, so that the pool is full of connections from now.
    await Promise.allSettled(Array.from({ length: 30 }, () => access.read()));
    await change(end);
    await eventually(async () => expect(await access.databaseCanWrite()).toBe(true));
    for (let count = 0; count < 12; count += 1) await allOk(access);
  });
});

describe("what the server took back is tried again", () => {
  test("a prepared statement that a migration has outdated", async () => {
    const access = await accessTo(appUrl);
    const ask = () => access.pool().query({ name: "one", text: "SELECT * FROM rate_limits" });
    await ask();
    await inDatabase("ALTER TABLE rate_limits ALTER COLUMN points TYPE bigint");
    await ask();
    await inDatabase("ALTER TABLE rate_limits ALTER COLUMN points TYPE integer");
    await ask();
  });

  test("a statement that lost a deadlock, and a transaction that did", async () => {
    const access = await accessTo(postgres.url);
    await inDatabase("CREATE TABLE pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)");
    const both = (first: number, second: number) => async () => {
      await access.inTransaction(access.gatePrisma(), async (tx) => {
        await tx.$executeRaw`UPDATE pair SET n = n + 1 WHERE id = ${first}`;
        await tx.$executeRaw`SELECT pg_sleep(0.1)`;
        await tx.$executeRaw`UPDATE pair SET n = n + 1 WHERE id = ${second}`;
      });
    };
    await owner.query("ALTER SYSTEM SET deadlock_timeout TO '50ms'");
    await owner.query("SELECT pg_reload_conf()");
    await Promise.all([both(1, 2)(), both(2, 1)()]);
    const { rows } = await access.pool().query("SELECT n FROM pair ORDER BY id");
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test("a connection that died while nobody used it is not given out, however many there are", async () => {
    const road = await TcpProxy.to(appUrl);
    const access = await accessTo(road.through(appUrl));
    await eventually(() =>
      Promise.all(Array.from({ length: 10 }, () => access.pool().query("SELECT pg_sleep(0.05)"))),
    );
    // Long enough ago for the pool to ask them first.
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + 1_100);
    // As when a firewall forgets them: they stay open, and nothing comes back.
    road.forget();
    await allOk(access);
    clock.mockRestore();
    await road.stop();
  });
});

describe("a network that fails", () => {
  const answering = async (say: (server: NetServer) => void) => {
    const server = createServer();
    say(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = address && typeof address === "object" ? address.port : 0;
    return { url: `postgresql://app:secret@127.0.0.1:${port}/app`, stop: () => server.close() };
  };

  test.each([
    ["nobody listens", "postgresql://app:secret@127.0.0.1:9/app"],
    ["no such host", "postgresql://app:secret@nowhere.invalid/app"],
    ["no such socket", "postgresql://app:secret@/app?host=/nowhere"],
    ["no way to speak TLS", "%server?sslmode=verify-full"],
    ["no password", "%nobody"],
    ["no certificate at that path", "%server?sslrootcert=/nowhere.pem"],
  ])("%s", async (_, url) => {
    const nobody = new URL(appUrl);
    nobody.password = "";
    const access = await accessTo(url.replace("%server", appUrl).replace("%nobody", nobody.toString()));
    expect(await outcomes(access)).toEqual(ALL_UNAVAILABLE);
    expect(await access.databaseCanWrite()).toBe(false);
  });

  test.each([
    ["hangs up at once", (server: NetServer) => server.on("connection", (socket) => socket.destroy())],
    ["resets", (server: NetServer) => server.on("connection", (socket) => socket.resetAndDestroy())],
    [
      "speaks HTTP",
      (server: NetServer) =>
        server.on("connection", (socket) =>
          socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
        ),
    ],
    [
      "says nothing",
      (server: NetServer) => server.on("connection", (socket) => socket.on("error", () => {})),
    ],
  ])("what listens there %s", async (_, say) => {
    const there = await answering(say);
    const access = await accessTo(there.url);
    expect(await outcomes(access)).toEqual(ALL_UNAVAILABLE);
    there.stop();
  });

  test("connections break in the middle of a statement", async () => {
    const road = await TcpProxy.to(appUrl);
    const access = await accessTo(road.through(appUrl));
    const asking = access.pool().query("SELECT pg_sleep(5)");
    const transacting = access.gatePrisma().$transaction((tx) => tx.$executeRaw`SELECT pg_sleep(5)`);
    asking.catch(() => {});
    transacting.catch(() => {});
    await eventually(async () => {
      const { rows } = await owner.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      expect(rows).toHaveLength(2);
    });
    road.reset();
    for (const each of [asking, transacting])
      expect(access.isUnavailable(await each.catch((error: unknown) => error))).toBe(true);
    await allOk(access);
    await road.stop();
  });
});
