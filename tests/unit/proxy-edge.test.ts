import { builtinModules } from "node:module";
import { EdgeVM } from "@edge-runtime/vm";
import { build, type Metafile, type Plugin } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { respellingsOf } from "../support/http/forge";
import { ROOT } from "../support/http/server";
import { freshKey, freshSecrets, secretVariables } from "../support/people/secrets";
import { claimsOf, freshSecret, seal, sign } from "../support/people/tokens";

// The proxy where there is no Node: bundled as a host would do it, in a virtual machine that has Web APIs alone.

const ORIGIN = "https://app.example.com";
const secrets = await freshSecrets();
const [key] = secrets.keys;
if (!key) throw new Error("There is no key.");
const SETTINGS = {
  NODE_ENV: "production",
  DATABASE_URL: "postgresql://nobody@127.0.0.1:9/nowhere",
  PUBLIC_ORIGIN: ORIGIN,
  SMTP_URL: "off",
  ...secretVariables(secrets),
};

// `answer` is what the tests call: only plain values cross the border of the virtual machine.
const ENTRY = `
  import { NextRequest } from "next/server";
  import { noteEnded } from "@/lib/revocation/ended";
  import { proxy } from "@/proxy";
  globalThis.noteEnded = noteEnded;
  globalThis.answer = async (url, headers, method) => {
    const response = await proxy(new NextRequest(url, { headers, method }));
    return { status: response.status, headers: Object.fromEntries(response.headers) };
  };
`;

const askedFor: string[] = [];
const refuseNode: Plugin = {
  name: "refuse-node",
  setup({ onResolve }) {
    const names = builtinModules.join("|");
    onResolve({ filter: new RegExp(`^(node:.*|(${names})(/.*)?)$`) }, ({ path, importer }) => {
      askedFor.push(`${path} by ${importer}`);
      return { path, external: true };
    });
  },
};

type Edge = {
  answer(
    url: string,
    headers: Record<string, string>,
    method?: string,
  ): Promise<{ status: number; headers: Record<string, string> }>;
  noteEnded(sid: string): void;
};

let edge: Edge;
let metafile: Metafile;

beforeAll(async () => {
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: "ts" },
    absWorkingDir: ROOT,
    alias: { "@": ROOT },
    bundle: true,
    write: false,
    metafile: true,
    format: "iife",
    platform: "browser",
    mainFields: ["module", "main"],
    conditions: ["react-server", "edge-light", "worker"],
    // A part of Next asks for it, and Next's own bundler answers this.
    define: { __dirname: '"/"' },
    plugins: [refuseNode],
    logLevel: "silent",
  });
  ({ metafile } = bundle);
  const vm = new EdgeVM({
    extend: (context) => Object.assign(context, { process: { env: SETTINGS } }),
  });
  vm.evaluate(bundle.outputFiles[0]?.text ?? "");
  edge = vm.context as unknown as Edge;
});

const session = () => ({
  userId: "0190f3a0-7f00-7000-8000-000000000001",
  sessionId: crypto.randomUUID(),
  secret: freshSecret(),
});

const cookieOf = (value: string) => ({ cookie: `__Host-session=${value}` });
const sealed = async (token: string) => cookieOf(await seal(token, secrets));
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  edge.answer(ORIGIN + path, headers, method);

test("it needs neither Node nor the database", () => {
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain("proxy.ts");
  expect(askedFor).toEqual([]);
  expect(
    inputs.filter((path) =>
      /node_modules\/(pg|@prisma|prisma|@node-rs)\/|prisma\/client|lib\/db\.ts/.test(path),
    ),
  ).toEqual([]);
});

test("the machine has no Node to fall back on", () => {
  const vm = new EdgeVM();
  expect(vm.evaluate("typeof require + typeof process + typeof Buffer")).toBe("undefinedundefinedundefined");
});

describe("a page of an account", () => {
  test("is shown to those who have a good cookie", async () => {
    const answer = await ask("/sessions", await sealed(await sign(key, claimsOf(ORIGIN, session()))));
    expect(answer.status).toBe(200);
    expect(answer.headers["x-middleware-next"]).toBe("1");
  });

  test("and again, from memory", async () => {
    const cookie = await sealed(await sign(key, claimsOf(ORIGIN, session())));
    for (let round = 0; round < 3; round += 1) {
      expect((await ask("/sessions", cookie)).headers["x-middleware-next"]).toBe("1");
    }
  });

  const now = Date.now();
  const HOUR = 3_600_000;
  test.each<[string, () => Promise<Record<string, string>>]>([
    ["no cookie", async () => ({})],
    ["an empty cookie", async () => cookieOf("")],
    ["a cookie that is no seal", async () => cookieOf("x".repeat(300))],
    ["the token without its seal", async () => cookieOf(await sign(key, claimsOf(ORIGIN, session())))],
    [
      "the token in the header instead",
      async () => ({ authorization: `Bearer ${await sign(key, claimsOf(ORIGIN, session()))}` }),
    ],
    [
      "a cookie of another name",
      async () => ({
        cookie: `session=${await seal(await sign(key, claimsOf(ORIGIN, session())), secrets)}`,
      }),
    ],
    [
      "a seal by another password",
      async () => cookieOf(await seal(await sign(key, claimsOf(ORIGIN, session())), await freshSecrets())),
    ],
    [
      "a token by another key",
      async () => sealed(await sign(await freshKey("ES256", key.kid), claimsOf(ORIGIN, session()))),
    ],
    [
      "a token that has expired",
      async () => sealed(await sign(key, claimsOf(ORIGIN, session(), new Date(now - 25 * HOUR)))),
    ],
    [
      "a token for another site",
      async () => sealed(await sign(key, { ...claimsOf(ORIGIN, session()), aud: "https://other.example" })),
    ],
    [
      "a token of another type",
      async () => sealed(await sign(key, claimsOf(ORIGIN, session()), { typ: "JWT" })),
    ],
  ])("%s leads to the login page", async (_, headers) => {
    const answer = await ask("/sessions", await headers());
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe(`${ORIGIN}/login?next=%2Fsessions`);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.headers).not.toHaveProperty("x-middleware-next");
  });

  test("a session that is known to have ended leads to the login page, in every spelling of its token", async () => {
    const ended = session();
    const token = await sign(key, claimsOf(ORIGIN, ended));
    const spellings = [token, ...respellingsOf(token).slice(0, 3)];
    const statuses = async () =>
      Promise.all(spellings.map(async (each) => (await ask("/sessions", await sealed(each))).status));
    expect(await statuses()).toEqual(spellings.map(() => 200));
    edge.noteEnded(ended.sessionId);
    expect(await statuses()).toEqual(spellings.map(() => 307));
  });

  test.each([
    ["/sessions?state=ended&x=a%26b", "/sessions?state=ended&x=a%26b"],
    ["/deep/path%20with/things", "/deep/path%20with/things"],
    ["//evil.example/x", "//evil.example/x"],
  ])("the way back to %s is kept", async (path, next) => {
    const { location } = (await ask(path)).headers;
    const login = new URL(location ?? "");
    expect(login.origin + login.pathname).toBe(`${ORIGIN}/login`);
    expect(login.searchParams.get("next")).toBe(next);
  });
});

describe("a public page", () => {
  test.each(["/", "/login", "/signup", "/login?next=/sessions"])("%s is shown to everybody", async (path) => {
    const good = await sealed(await sign(key, claimsOf(ORIGIN, session())));
    // A proxy that sent people away from the login page would send them round and round once their session has ended.
    for (const headers of [{}, good, cookieOf("broken")]) {
      const answer = await ask(path, headers);
      expect(answer.headers["x-middleware-next"]).toBe("1");
      expect(answer.headers).not.toHaveProperty("location");
    }
  });
});

test("every page gets a policy with a nonce of its own", async () => {
  const policies = await Promise.all(
    ["/", "/", "/sessions"].map(async (path) => (await ask(path)).headers["content-security-policy"]),
  );
  const nonces = policies.map((policy) => /'nonce-([\w+/]+=*)'/.exec(policy ?? "")?.[1]);
  expect(new Set(nonces).size).toBe(3);
  for (const policy of policies) {
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  }
});

describe("a POST to a page, as server actions are", () => {
  test.each<[Record<string, string>, number]>([
    [{ "sec-fetch-site": "same-origin" }, 200],
    [{ origin: ORIGIN }, 200],
    [{ "sec-fetch-site": "cross-site", origin: ORIGIN }, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "no url" }, 403],
    [{}, 403],
  ])("with %j is answered %i", async (headers, status) => {
    expect((await ask("/login", headers, "POST")).status).toBe(status);
  });
});
