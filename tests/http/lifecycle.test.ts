import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { lockWaits } from "../support/database/statements";
import { program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import {
  NEXT,
  observe,
  plainEnvironment,
  ROOT,
  type Server,
  START,
  startServer,
  unusedPort,
} from "../support/http/server";
import { within } from "../support/http/timing";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { freshKey, freshSecrets, secretVariables } from "../support/people/secrets";
import { newSession, newVisitor } from "../support/people/visitors";

// How a server begins and how it ends.

let databaseUrl: string;
beforeEach(async () => {
  databaseUrl = await freshDatabase();
});

const started: { stop(): Promise<unknown>; kill(signal: NodeJS.Signals): void }[] = [];
afterAll(async () => {
  for (const each of started) each.kill("SIGKILL");
});

/** Runs a command of the launcher, as `npm start` does. */
async function launch(args: string[], settings: Record<string, string>) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...plainEnvironment(), HOSTNAME: "127.0.0.1", PORT: String(await unusedPort()), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const observed = observe(child);
  started.push(observed);
  return observed;
}

describe("a server refuses to start", () => {
  test("without its settings, and names every one, by npm start", async () => {
    const { ended, lines } = await launch(START, {});
    expect(await ended).toEqual({ code: 1, signal: null });
    for (const name of ["DATABASE_URL", "PUBLIC_ORIGIN", "TOKEN_KEYS", "COOKIE_PASSWORD", "SMTP_URL"]) {
      expect(lines.join("\n")).toMatch(new RegExp(`^- ${name} is missing`, "m"));
    }
  });

  test("without its settings, and names every one, by next start", async () => {
    const { ended, lines } = await launch([NEXT, "start", "-p", String(await unusedPort())], {});
    expect((await ended).code).toBe(1);
    for (const name of ["DATABASE_URL", "PUBLIC_ORIGIN", "TOKEN_KEYS", "COOKIE_PASSWORD", "SMTP_URL"]) {
      expect(lines.join("\n")).toContain(`${name} is missing`);
    }
  });

  test("on development secrets and on weak ones", async () => {
    const development = await freshSecrets([await freshKey("ES256", "development-1")]);
    const settings = {
      DATABASE_URL: databaseUrl,
      PUBLIC_ORIGIN: "https://app.example.com",
      SMTP_URL: "off",
      ...secretVariables(development),
    };
    const first = await launch(START, settings);
    const second = await launch(START, { ...settings, COOKIE_PASSWORD: "password" });
    expect((await first.ended).code).toBe(1);
    expect(first.lines.join("\n")).toContain("TOKEN_KEYS is a development secret");
    expect((await second.ended).code).toBe(1);
    expect(second.lines.join("\n")).toContain("COOKIE_PASSWORD is too weak");
    expect(second.lines.join("\n")).not.toContain(development.cookiePassword);
  });
});

test("npm start serves on HOSTNAME and PORT, applies no migration by itself, and ends when it is told to", async () => {
  const port = await unusedPort();
  const observed = await launch(START, {
    DATABASE_URL: databaseUrl,
    PUBLIC_ORIGIN: "https://app.example.com",
    SMTP_URL: "off",
    PORT: String(port),
    HOSTNAME: "127.0.0.1",
    ...secretVariables(await freshSecrets()),
  });
  await observed.line(/Ready in/);
  expect(observed.lines.join("\n")).not.toMatch(/migration/i);
  const caller = program({ url: `http://127.0.0.1:${port}`, origin: "" });
  // As an orchestrator does: on a busy machine the first connection to the database may be too late.
  await expect.poll(async () => (await caller.get("/api/health/ready")).status).toBe(200);
  const startedAt = performance.now();
  await observed.stop();
  expect(performance.now() - startedAt).toBeLessThan(within(10_000));
});

async function start(): Promise<Server> {
  const server = await startServer({ databaseUrl });
  started.push(server);
  return server;
}

/** A connection over which these bytes were sent. How it ends does not matter. */
async function openSocket({ url }: Server, bytes: string) {
  const { hostname, port } = new URL(url);
  const socket = connectSocket({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  await once(socket, "connect");
  if (bytes) await new Promise((resolve) => socket.write(bytes, resolve));
  return socket;
}

describe("SIGTERM", () => {
  test("ends at once over what is not under way, and within ten seconds over half a request", async () => {
    const [idle, half] = await Promise.all([start(), start()]);
    const db = connect(databaseUrl);
    const { token } = await newVisitor(idle, db);
    await db.end();
    const head = `Host: localhost\r\nAuthorization: Bearer ${token}\r\n`;
    await openSocket(idle, "");
    await openSocket(idle, `GET / HTTP/1.1\r\n${head}X: `);
    await openSocket(idle, `GET /sessions HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: foo\r\n\r\n`);
    await once(await openSocket(idle, `GET /api/auth/events HTTP/1.1\r\n${head}\r\n`), "data");
    const type = "Content-Type: application/json\r\nContent-Length: 100\r\n";
    await openSocket(half, `POST /api/auth/login HTTP/1.1\r\n${head}${type}\r\n{`);
    await program(half).get("/api/health/live");

    const startedAt = performance.now();
    const took = async (server: Server) => {
      await server.stop();
      return performance.now() - startedAt;
    };
    const [idleTook, halfTook] = await Promise.all([took(idle), took(half)]);
    expect(idleTook).toBeLessThan(within(3_000));
    expect(halfTook).toBeLessThan(within(10_000));
  });

  test("lets what is in flight finish, takes nothing new, and ends within ten seconds", async () => {
    const server = await start();
    const db = connect(databaseUrl);
    const person = await addPerson(db);
    // The login waits for this row: it is in flight for as long as we like.
    const holder = await db.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT FROM users WHERE id = $1 FOR UPDATE", [person.id]);
    const login = program(server).post("/api/auth/login", {
      json: { email: person.email, password: PASSWORD },
    });
    await expect.poll(() => lockWaits(db), { interval: 5 }).toBe(1);

    const startedAt = performance.now();
    server.process.kill("SIGTERM");
    await expect
      .poll(
        () =>
          program(server)
            .get("/api/health/live")
            .then(
              ({ status }) => status,
              () => "refused",
            ),
        { interval: 5 },
      )
      .toBe("refused");
    await holder.query("COMMIT");
    holder.release();
    const answer = await login;
    expect(answer.status).toBe(200);
    await server.ended;
    expect(performance.now() - startedAt).toBeLessThan(within(10_000));

    // What it said stands: another server knows that session.
    const other = await startServer({
      databaseUrl,
      secrets: server.secrets,
      env: { PUBLIC_ORIGIN: server.origin },
    });
    started.push(other);
    const token = String(answer.json().token);
    expect((await program(other, token).get("/api/auth/verify")).status).toBe(200);
    // It has left the list of those that every ending waits for.
    const { rows } = await db.query("SELECT count(*)::int FROM instances");
    // The other one may be off it for a moment, too, on a machine that let it wait for a whole lease.
    expect(rows[0].count).toBeLessThanOrEqual(1);
    await other.stop();
    await db.end();
  });

  test("writes when sessions were last seen, which was still to be written", async () => {
    const server = await start();
    const db = connect(databaseUrl);
    const { row, program: caller } = await newVisitor(server, db, { startedAgo: 900, seenAgo: 600 });
    const before = Date.now();
    expect((await caller.get("/api/auth/verify")).status).toBe(200);
    await server.stop();
    const { rows } = await db.query("SELECT last_seen_at FROM sessions WHERE id = $1", [row.id]);
    expect(rows[0].last_seen_at.getTime()).toBeGreaterThanOrEqual(before);
    await db.end();
  });
});

test("a server whose launcher is killed ends too", async () => {
  const server = await start();
  server.process.disconnect();
  await server.ended;
});

test("kill -9 right after an answer loses nothing that was answered", async () => {
  const server = await start();
  const db = connect(databaseUrl);
  const mine = await newVisitor(server, db);
  const others = [await newSession(server, db, mine.person), await newSession(server, db, mine.person)];
  const email = freshEmail();
  const [ended, signedUp] = await Promise.all([
    mine.program.post("/api/auth/logout-others"),
    program(server).post("/api/auth/signup", { json: { email, password: PASSWORD } }),
  ]);
  server.kill("SIGKILL");
  await server.ended;
  expect([ended.json(), signedUp.status]).toEqual([{ ended: 2 }, 201]);

  const next = await startServer({
    databaseUrl,
    secrets: server.secrets,
    env: { PUBLIC_ORIGIN: server.origin },
  });
  started.push(next);
  for (const { token } of others)
    expectProblem(await program(next, token).get("/api/auth/verify"), "session_ended");
  expect((await program(next, mine.token).get("/api/auth/verify")).status).toBe(200);
  expect((await program(next, String(signedUp.json().token)).get("/api/auth/verify")).status).toBe(200);

  // The one that was killed is still on the list. An ending waits for its lease, and no longer.
  const startedAt = performance.now();
  expect((await program(next, mine.token).post("/api/auth/logout")).status).toBe(204);
  expect(performance.now() - startedAt).toBeLessThan(within(4_000));
  await next.stop();
  await db.end();
});
