import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { SOURCES } from "@/scripts/development/serve";
import { execForm, isIgnored, parseDockerfile } from "../deploy/dockerfile";
import { ROOT } from "../support/http/server";

// Dockerfile, compose.yaml and what `npm run deploy:check` does in their place must stay one thing. The check reads its steps
// from these files; here stands what it relies on, and what an image must not lose.

const text = (path: string) => readFileSync(join(ROOT, path), "utf8");
const ignore = text(".dockerignore");
const stages = parseDockerfile(text("Dockerfile"));
const last = stages.at(-1)?.instructions ?? [];
const only = (name: string) => last.find((each) => each.name === name)?.rest ?? "";

describe("the Dockerfile", () => {
  test("builds on one version of Node, named by a tag, in stages of which only the last is kept", () => {
    expect(stages.map(({ name }) => name)).toEqual(["build", "run"]);
    for (const { base } of stages) expect(base).toMatch(/^node:2[24]-slim$/);
  });

  test("copies into the image nothing but what the build has put together", () => {
    expect(last.filter(({ name }) => ["COPY", "RUN", "ADD"].includes(name))).toEqual([
      { name: "COPY", rest: "--from=build /app/.next/standalone ./" },
    ]);
  });

  test("runs node itself, as another user than root, and says how to ask for its health", () => {
    expect(only("USER")).toBe("node");
    expect(execForm(only("CMD"))).toEqual(["node", "scripts/run.js", "start"]);
    expect(text("package.json")).toContain(`"start": "${execForm(only("CMD")).join(" ")}"`);
    expect(only("HEALTHCHECK")).toMatch(/--timeout=\d+s/);
    text(execForm(only("HEALTHCHECK"))[1] ?? "");
  });

  test("has every file that npm ci needs before the sources are there", () => {
    const copied =
      stages[0]?.instructions.filter(({ name }) => name === "COPY").map(({ rest }) => rest) ?? [];
    const postinstall = /"postinstall": "node ([^"]+)"/.exec(text("package.json"))?.[1] ?? "";
    expect(copied.join(" ")).toContain(postinstall);
    expect(text(postinstall)).not.toMatch(/from "\.\.?\//);
  });

  test("knows no instruction that the check would pass over", () => {
    expect(() => parseDockerfile("FROM a AS b\nADD x y")).toThrow(/not known/);
    expect(() => parseDockerfile("FROM a\nRUN x")).toThrow(/no name/);
  });
});

describe("the context of the image", () => {
  test.each([
    ".env",
    ".env.local",
    ".env.production",
    "app/.env",
    ".git/config",
    ".data/secrets.json",
    ".next/BUILD_ID",
    "node_modules/next/package.json",
    "prisma/client/client.ts",
    "deploy/tls/key.pem",
    "tests/run.ts",
  ])("has no %s", (path) => {
    expect(isIgnored(path, ignore)).toBe(true);
  });

  test("has every source that a build is made of", () => {
    const sources =
      "app lib proxy.ts instrumentation.ts next.config.js postcss.config.js package.json package-lock.json tsconfig.json".split(
        " ",
      );
    for (const path of [...sources, ...SOURCES, "prisma/migrations", "scripts/run.js", ".npmrc"])
      expect(isIgnored(path, ignore), path).toBe(false);
    const known = readdirSync(ROOT).filter((name) => !isIgnored(name, ignore));
    expect(known).toEqual(expect.arrayContaining(sources));
  });

  test("follows the rules as Docker does: the last one that fits counts, and a folder counts for what is in it", () => {
    expect(isIgnored("a/b", "*\n!a\na/b")).toBe(true);
    expect(isIgnored("a/c", "*\n!a\na/b")).toBe(false);
    expect(isIgnored("a/x.env", "**/.env*")).toBe(false);
    expect(isIgnored("a/.env.x", "**/.env*")).toBe(true);
  });
});

describe("compose.yaml", () => {
  const compose = text("compose.yaml");

  test("migrates once, as the owner, before two instances start as the app's role", () => {
    expect(compose).toMatch(/\n {2}app-1: \*app\n {2}app-2: \*app\n/);
    expect(compose).toContain("migrate: { condition: service_completed_successfully }");
    expect(compose).toMatch(/\n {2}migrate:[\s\S]*?command: \["node", "scripts\/run\.js", "migrate"\]/);
    expect(compose).toMatch(/\n {2}migrate:[\s\S]*?latchkey_owner:\$\{OWNER_PASSWORD:\?\}/);
    expect(compose.match(/latchkey_owner/g)).toHaveLength(1);
  });

  test("holds no secret, and starts without none", () => {
    for (const [, name = "", value = ""] of compose.matchAll(/^ +(\w*(?:PASSWORD|KEYS)): (.+)$/gm))
      expect(value, name).toBe(`\${${name}:?}`);
  });

  test("mounts files that exist, gives nginx the instances by their names, and stops them patiently", () => {
    for (const [, path = ""] of compose.matchAll(/\.\/(deploy\/[\w.]+):/g))
      if (path !== "deploy/tls") text(path);
    for (const name of ["app-1", "app-2"])
      expect(text("deploy/nginx.conf")).toContain(`server ${name}:3000;`);
    expect(compose).toContain("stop_grace_period: 12s");
  });
});

test("a build keeps no .env file, though Next copies those that it finds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latchkey-build-"));
  const standalone = join(folder, ".next", "standalone");
  for (const each of [standalone, join(folder, ".next", "static"), join(folder, "prisma", "migrations")])
    await mkdir(each, { recursive: true });
  for (const each of ["scripts", join("lib", "database")])
    await cp(join(ROOT, each), join(folder, each), { recursive: true });
  for (const name of [".env", ".env.production", "server.js"]) await writeFile(join(standalone, name), "");
  await promisify(execFile)(process.execPath, [join(folder, "scripts", "finish-build.js")]);
  const files = await readdir(standalone, { recursive: true });
  await rm(folder, { recursive: true });
  expect(files.filter((file) => file.includes(".env"))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining([
      "server.js",
      join(".next", "static"),
      join("scripts", "run.js"),
      join("scripts", "migrations", "migrate.js"),
    ]),
  );
  expect(files).not.toContain(join("scripts", "development"));
  expect(files.filter((file) => file.endsWith(".ts"))).toEqual([]);
});

test("nginx gives up an idle connection before the app does", () => {
  const [, seconds] = /keepalive_timeout (\d+)s;/.exec(text("deploy/nginx.conf")) ?? [];
  expect(Number(seconds)).toBeLessThan(75);
});
