import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { ROOT, unusedPort } from "../support/http/server";
import { startVerifier, type Verifier } from "../support/http/verifier";
import { newSession, newVisitor, type Visitor } from "../support/people/visitors";

// docs/services.md, with what of it is at hand on this machine.

const server = inject("plain");
const db = connect(server.databaseUrl);
const DOCS = readFileSync(join(ROOT, "docs", "services.md"), "utf8");
/** The first block of a language, with its ports replaced. */
const block = (language: string, ports: Record<string, number>) =>
  Object.entries(ports).reduce(
    (text, [port, actual]) => text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${actual}`),
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

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const listening = createServer(handler).listen(0, "127.0.0.1");
  await once(listening, "listening");
  return listening;
}

const NGINX = ["/usr/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"].find((path) =>
  existsSync(path),
);

describe.runIf(NGINX)("behind nginx", () => {
  test("a service hears who it is, a client's own words are overwritten, and an ended session is refused at the gateway", async () => {
    const folder = await mkdtemp(join(tmpdir(), "services-"));
    // The service is dumb: it repeats what it is told.
    const service = await listen((request, response) => {
      const told = Object.entries(request.headers).filter(([name]) => name.startsWith("x-auth-"));
      response.end(JSON.stringify(Object.fromEntries(told)));
    });
    const gate = await unusedPort();
    const { port: upstream } = service.address() as AddressInfo;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (each) => `${each}_temp_path ${folder}/${each};`,
    );
    await writeFile(
      join(folder, "nginx.conf"),
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off; ${temporary.join(" ")}
       server { listen 127.0.0.1:${gate}; ${block("nginx", { 3001: port, 8080: upstream })} } }`,
    );
    const nginx = spawn(
      NGINX ?? "",
      ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")],
      { stdio: "ignore" },
    );
    const ask = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${gate}/reports`, { headers });
    try {
      await expect
        .poll(() =>
          ask({}).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(401);
      const claimed = {
        "x-auth-user": "somebody else",
        "x-auth-email": "x@example.com",
        "x-auth-role": "admin",
      };
      const other = await newSession(server, db, visitor.person);
      const answer = await ask({ ...bearer(other.token), ...claimed });
      expect(await answer.json()).toEqual({ "x-auth-user": visitor.person.id, "x-auth-role": "user" });
      expect((await ask(claimed)).status).toBe(401);

      await visitor.program.delete(`/api/auth/sessions/${other.row.id}`);
      expect((await ask(bearer(other.token))).status).toBe(401);

      // The gateway outlives a restart of the verifier: closed meanwhile, and open again.
      await verifier.stop();
      expect((await ask(bearer(visitor.token))).status).toBe(500);
      verifier = await startVerifier(server, { port });
      expect((await ask(bearer(visitor.token))).status).toBe(200);
      expect((await ask(bearer(other.token))).status).toBe(401);
    } finally {
      nginx.kill("SIGQUIT");
      await once(nginx, "exit");
      service.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

test("the handler for Express lets in who is signed in, and answers the others", async () => {
  const handler = new Function(`return ${block("js", { 3001: port })}`)();
  const seen: unknown[] = [];
  const service = await listen((request, response) => {
    const express = Object.assign(response, {
      status(code: number) {
        response.statusCode = code;
        return express;
      },
      send: (text: string) => response.end(text),
    });
    void handler(request, express, () => {
      seen.push((request as IncomingMessage & { session?: { sub: string } }).session?.sub);
      response.end("in");
    });
  });
  const { port: at } = service.address() as AddressInfo;
  const inside = await fetch(`http://127.0.0.1:${at}/`, { headers: bearer(visitor.token) });
  expect([inside.status, await inside.text()]).toEqual([200, "in"]);
  expect((await fetch(`http://127.0.0.1:${at}/`)).status).toBe(401);
  expect(seen).toEqual([visitor.person.id]);
  service.close();
});

const PYTHON = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].find((path) =>
  existsSync(path),
);

test.runIf(PYTHON)(
  "the function for Python gives the session of a live token, and None for another",
  async () => {
    const ask = async (token: string) => {
      const script = `import urllib.error\n${block("python", { 3001: port })}\nprint((session_of("${token}") or {}).get("sub"))`;
      return (await promisify(execFile)(PYTHON ?? "", ["-c", script])).stdout.trim();
    };
    expect(await ask(visitor.token)).toBe(visitor.person.id);
    expect(await ask("nonsense")).toBe("None");
  },
);
