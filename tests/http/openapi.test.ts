import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { program } from "../support/http/client";
import { ROOT } from "../support/http/server";
import { freshEmail, PASSWORD } from "../support/people/people";

// Every answer that the tests see is held against docs/openapi.json by tests/support/http/described.ts. Here it is used as others
// do: to make a client, with no word of ours.

const run = promisify(execFile);
const server = inject("plain");
const COMMITTED = join(ROOT, "docs", "openapi.json");
/** Inside the project, so that what the client imports is found. */
const FOLDER = join(ROOT, "tests", "output", "typed-client");

const CLIENT = `
import * as api from "./api.js";

const [, , baseUrl = "", email = "", password = ""] = process.argv;
api.defaults.baseUrl = baseUrl;

const signedUp = await api.signUp({ email, password, name: "Ada" });
if (signedUp.status !== 201) throw new Error(JSON.stringify(signedUp));
const { token, session } = signedUp.data;
api.defaults.headers = { authorization: \`Bearer \${token}\` };

const verified = await api.verify();
if (verified.status !== 200) throw new Error(JSON.stringify(verified));
const role: "user" | "admin" = verified.data.user.role;

const made = await api.createApiSession({ name: "Nightly report" });
if (made.status !== 201) throw new Error(JSON.stringify(made));
const listed = await api.listSessions({ state: "live" });
if (listed.status !== 200) throw new Error(JSON.stringify(listed));
const names: string[] = listed.data.sessions.map(({ name }) => name);

const ended = await api.endSession(made.data.session.id);
const refused = await api.verify({ headers: { authorization: \`Bearer \${made.data.token}\` } });
const code = refused.status === 401 ? refused.data.code : null;
console.log(JSON.stringify({ role, names, own: verified.data.session.id === session.id, ended: ended.status, code }));
`;

const SETTINGS = {
  compilerOptions: {
    strict: true,
    target: "es2022",
    module: "nodenext",
    skipLibCheck: true,
    types: ["node"],
    outDir: "out",
    rootDir: ".",
  },
  files: ["client.ts"],
};

beforeAll(async () => {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
});
afterAll(() => rm(FOLDER, { recursive: true, force: true }));

test("/api/openapi.json is the committed document, for everybody", async () => {
  const answer = await program(server).get("/api/openapi.json");
  expect(answer.status).toBe(200);
  expect(answer.headers["cache-control"]).toBe("public, max-age=300");
  expect(answer.json()).toEqual(JSON.parse(await readFile(COMMITTED, "utf8")));
});

test("a client that is generated from the document compiles, and signs up, verifies, lists and ends", async () => {
  const module = (name: string) => join(ROOT, "node_modules", name);
  const make = [module("oazapfts/dist/cli.js"), COMMITTED, join(FOLDER, "api.ts")];
  await run(process.execPath, make, { cwd: FOLDER });
  await writeFile(join(FOLDER, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(FOLDER, "client.ts"), CLIENT);
  await writeFile(join(FOLDER, "tsconfig.json"), JSON.stringify(SETTINGS));
  await run(process.execPath, [module("typescript/bin/tsc"), "-p", FOLDER]);
  const arguments_ = [join(FOLDER, "out", "client.js"), server.url, freshEmail(), PASSWORD];
  const { stdout } = await run(process.execPath, arguments_);
  expect(JSON.parse(stdout)).toEqual({
    role: "user",
    names: expect.arrayContaining(["Nightly report"]),
    own: true,
    ended: 204,
    code: "session_ended",
  });
});
