import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify, { type preHandlerAsyncHookHandler } from "fastify";
import { Hono, type MiddlewareHandler } from "hono";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../support/database/database";
import { ROOT, unusedPort } from "../support/http/server";
import { startVerifier, type Verifier } from "../support/http/verifier";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// docs/services.md, with what of it is at hand on this machine.

const server = inject("plain");
const db = connect(server.databaseUrl);
const DOCS = readFileSync(join(ROOT, "docs", "services.md"), "utf8");
/** The first block of a language, with its places replaced, by their ports. */
const block = (language: string, places: Record<string, string>) =>
  Object.entries(places).reduce(
    (text, [port, actual]) => text.replaceAll(`127.0.0.1:${port}`, actual),
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(DOCS)?.[1] ?? "",
  );

let verifier: Verifier;
let visitor: Visitor;
let port: number;
beforeAll(async () => {
  port = await unusedPort();
  verifier = await startVerifier(server, { port });
  visitor = await newVisitor(server, db);
}, 60_000);
afterAll(async () => {
  await verifier?.stop();
  await db.end();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves on a port of its own until the test is over. */
async function listen(handler: Listener): Promise<string> {
  const listening = createServer(handler).listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => void listening.close());
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const installed = (name: string) =>
  ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

type Gateway = {
  name: string;
  /** The file of settings for a gateway on port `gate` in front of `upstream`. */
  settings: (folder: string, gate: number, upstream: string) => string;
  command: (folder: string, file: string) => string[];
  /** What it answers while the verifier is away. */
  away: number;
};

const GATEWAYS: Gateway[] = [
  {
    name: "nginx",
    settings(folder, gate, upstream) {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (each) => `${each}_temp_path ${folder}/${each};`,
      );
      return `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off; ${temporary.join(" ")}
       server { listen 127.0.0.1:${gate}; ${block("nginx", { 3001: `127.0.0.1:${port}`, 8080: upstream })} } }`;
    },
    command: (folder, file) => ["-p", folder, "-c", file, "-e", join(folder, "error.log")],
    away: 500,
  },
  {
    name: "caddy",
    settings: (_, gate, upstream) =>
      `{\n  admin off\n}\n${block("caddyfile", { 3001: `127.0.0.1:${port}`, 8080: upstream })}`.replace(
        "app.example.com",
        `http://127.0.0.1:${gate}`,
      ),
    command: (_, file) => ["run", "--config", file, "--adapter", "caddyfile"],
    away: 502,
  },
];

describe.each(GATEWAYS)("behind $name", ({ name, settings, command, away }) => {
  const program = installed(name);

  /** Starts it in front of a service that repeats what it is told. */
  async function open(): Promise<(headers: Record<string, string>) => Promise<Response>> {
    const folder = await mkdtemp(join(tmpdir(), "services-"));
    const upstream = await listen((request, response) => {
      const told = Object.entries(request.headers).filter(([name]) => name.startsWith("x-auth-"));
      response.end(JSON.stringify(Object.fromEntries(told)));
    });
    const gate = await unusedPort();
    const file = join(folder, "settings");
    await writeFile(file, settings(folder, gate, upstream));
    const gateway = spawn(program ?? "", command(folder, file), {
      stdio: "ignore",
      env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    onTestFinished(async () => {
      gateway.kill();
      await once(gateway, "exit");
      await rm(folder, { recursive: true, force: true });
    });
    const ask = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${gate}/reports`, {
        headers: { accept: "application/json", ...headers },
        redirect: "manual",
      });
    const status = () =>
      ask({}).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(status).toBe(401);
    return ask;
  }

  test("a service hears who it is, a client's own words are overwritten, and an ended session is refused at the gateway", async ({
    skip,
  }) => {
    skip(!program, `${name} is not installed`);
    const ask = await open();
    const claimed = {
      "x-auth-user": "somebody else",
      "x-auth-email": "x@example.com",
      "x-auth-role": "admin",
    };
    const other = await newSession(server, db, visitor.person);
    const told = await (await ask({ ...bearer(other.token), ...claimed })).json();
    expect(told).toMatchObject({ "x-auth-user": visitor.person.id, "x-auth-role": "user" });
    expect(JSON.stringify(told)).not.toContain("x@example.com");
    expect((await ask(claimed)).status).toBe(401);

    await visitor.program.delete(`/api/auth/sessions/${other.row.id}`);
    expect((await ask(bearer(other.token))).status).toBe(401);

    // The gateway outlives a restart of the verifier: closed meanwhile, and open again.
    await verifier.stop();
    expect((await ask(bearer(visitor.token))).status).toBe(away);
    verifier = await startVerifier(server, { port });
    expect((await ask(bearer(visitor.token))).status).toBe(200);
    expect((await ask(bearer(other.token))).status).toBe(401);
  });

  // nginx takes only 401 for an answer; its own settings send browsers on.
  if (name === "caddy")
    test("a browser that must sign in is sent there, and back", async ({ skip }) => {
      skip(!program, `${name} is not installed`);
      const ask = await open();
      const { status, headers } = await ask({ accept: "text/html", "sec-fetch-dest": "document" });
      expect(status).toBe(302);
      expect(headers.get("location")).toMatch(/\/login\?next=/);
    });
});

/** What Envoy asks by the settings of the docs, as ext_authz.proto has it: the prefix before the path, and no header but those it may send. */
function askedByEnvoy(path: string, headers: Record<string, string>): Promise<Response> {
  const settings = /^- name: envoy\..*?^```$/ms.exec(DOCS)?.[0] ?? "";
  const prefix = /path_prefix: "?([^"\n]+)/.exec(settings)?.[1] ?? "";
  const named = [...settings.matchAll(/\bexact: ([\w-]+)/g)].map(([, name]) => name);
  const sent = Object.entries(headers).filter(([name]) => ["authorization", ...named].includes(name));
  return fetch(`http://127.0.0.1:${port}${prefix}${path}`, { headers: Object.fromEntries(sent) });
}

test("what Envoy asks by the settings of the docs is answered, for a token and for a cookie", async () => {
  const path = "/reports?from=1&redirect";
  const cookie = [...visitor.browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  for (const headers of [bearer(visitor.token), { cookie }]) {
    const answer = await askedByEnvoy(path, headers);
    expect([answer.status, answer.headers.get("x-auth-user")]).toEqual([200, visitor.person.id]);
  }
  expect((await askedByEnvoy(path, {})).status).toBe(401);
});

type Handler = (...parts: unknown[]) => unknown;

/** The function of a block. */
const handlerOf = (language: string): Handler =>
  new Function(`return ${block(language, { 3001: `127.0.0.1:${port}` })}`)();

/** Each serves who was let in, with the handler of the docs in front. */
const FRAMEWORKS: Record<string, (requireSession: Handler) => Promise<Listener>> = {
  async express(requireSession) {
    const app = express();
    app.use(requireSession as express.RequestHandler);
    app.get("/", (request, response) => {
      response.send((request as unknown as { session: { sub: string } }).session.sub);
    });
    return app;
  },
  async fastify(requireSession) {
    const app = fastify();
    app.decorateRequest("session", null);
    app.addHook("preHandler", requireSession as preHandlerAsyncHookHandler);
    app.get("/", async (request) => (request as unknown as { session: { sub: string } }).session.sub);
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  async hono(requireSession) {
    const app = new Hono<{ Variables: { session: { sub: string } } }>();
    app.use(requireSession as MiddlewareHandler);
    app.get("/", (context) => context.text(context.get("session").sub));
    return getRequestListener(app.fetch);
  },
};

test.each(Object.keys(FRAMEWORKS))(
  "the handler for %s lets in who is signed in, and answers the others",
  async (name) => {
    const listener = await FRAMEWORKS[name]?.(handlerOf(`js ${name}`));
    if (!listener) throw new Error("There is no such framework.");
    const at = `http://${await listen(listener)}/`;
    const ended = await newSession(server, db, visitor.person);
    const inside = await fetch(at, { headers: bearer(ended.token) });
    expect([inside.status, await inside.text()]).toEqual([200, visitor.person.id]);
    expect((await fetch(at)).status).toBe(401);
    await visitor.program.delete(`/api/auth/sessions/${ended.row.id}`);
    const outside = await fetch(at, { headers: bearer(ended.token) });
    expect([outside.status, await outside.json()]).toMatchObject([401, { code: "session_ended" }]);
  },
);

const PYTHON = installed("python3");

test("the function for Python gives the session of a live token, and None for another", async ({ skip }) => {
  skip(!PYTHON, "python3 is not installed");
  const ask = async (token: string) => {
    const script = `import urllib.error\n${block("python", { 3001: `127.0.0.1:${port}` })}\nprint((session_of("${token}") or {}).get("sub"))`;
    return (await promisify(execFile)(PYTHON ?? "", ["-c", script])).stdout.trim();
  };
  expect(await ask(visitor.token)).toBe(visitor.person.id);
  expect(await ask("nonsense")).toBe("None");
});
