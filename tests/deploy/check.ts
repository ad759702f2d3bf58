import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { withConnection } from "@/scripts/database";
import { startThrowaway } from "@/scripts/postgres/embedded";
import { freshSecrets } from "@/scripts/secrets/secrets";
import { ROOT, unusedPort } from "../support/http/server";
import { buildImages, execForm, type Image, outside } from "./dockerfile";
import { makeCertificate, startNginx, startPgbouncer, which } from "./proxies";

// npm run deploy:check: does what Dockerfile and compose.yaml say, in bare folders, where no Docker engine runs: builds the
// image, makes the roles, migrates, starts two instances as another account with nginx and TLS in front, one of them through
// PgBouncer, and tries them. Takes minutes. It needs the machine's own nginx, pgbouncer and openssl, and says what is missing.

const text = (path: string) => readFile(join(ROOT, path), "utf8");
const say = (line: string) => console.log(line);
const cleanups: (() => unknown)[] = [];

function check(what: string, good: boolean): void {
  if (!good) throw new Error(`Not so: ${what}`);
  say(`ok   ${what}`);
}

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };
type Asking = { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent };

function ask(url: string, { method = "GET", headers = {}, body, agent }: Asking = {}): Promise<Answer> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ...(agent ? { agent } : {}) }, (answer) => {
      let received = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: received }),
      );
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** As a program does that is told 503: asks again, as often as it takes on a busy machine. */
async function patiently(asking: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await asking();
    if (answer.status !== 503 || Date.now() > deadline) return answer;
    await pause(1_000 * Number(answer.headers["retry-after"] ?? 1));
  }
}

/** Runs a program of an image as its user would be, with nothing of our environment. */
function runIn(image: Image, [program = "", ...args]: string[], env: Record<string, string>): ChildProcess {
  const account = image.user && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  return spawn(program === "node" ? process.execPath : program, args, {
    cwd: join(image.folder, image.workdir),
    env: { NODE_ENV: "production", PATH: process.env.PATH, ...image.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
    ...account,
  });
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code, signal] = await once(child, "exit");
  return code ?? (signal ? 128 : 1);
}

async function untilReady(port: number, path = "/api/health/ready"): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const answer = await ask(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(100);
  }
  throw new Error("An instance does not get ready.");
}

const megabytes = (folder: string) =>
  Number(execFileSync("du", ["-sm", folder], { encoding: "utf8" }).split("\t")[0]);

/** The names of the packages in a node_modules. */
async function packagesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder);
  const names = entries.map((name) =>
    name.startsWith("@")
      ? readdir(join(folder, name)).then((inner) => inner.map((each) => `${name}/${each}`))
      : [name],
  );
  return (await Promise.all(names)).flat();
}

async function build(parent: string): Promise<{ build: Image; run: Image }> {
  const [dockerfile, ignore] = [await text("Dockerfile"), await text(".dockerignore")];
  const images = await buildImages({ context: ROOT, dockerfile, ignore }, parent, say);
  const { build, run } = images;
  if (!build || !run) throw new Error("The stages of the Dockerfile have other names.");

  const files = await readdir(run.folder, { recursive: true });
  check(
    "no .env file and no history went into the image",
    !files.some((file) => /(^|\/)\.(env|git)/.test(file)),
  );
  const { packages } = JSON.parse(await text("package-lock.json")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const there = await packagesIn(join(run.folder, run.workdir, "node_modules"));
  const unwanted = there.filter((name) => packages[`node_modules/${name}`]?.dev);
  check(`no development dependency is in the image ${unwanted.join(" ")}`, unwanted.length === 0);
  say(`     the image's own files: ${megabytes(run.folder)} MB`);
  return { build, run };
}

// Prisma's command line is an optional peer of @prisma/client: npm leaves it out only with both.
const OMIT = ["--omit=dev", "--omit=optional"];

/** The same app from a checkout that installs only what production needs. */
async function withoutDevelopment(image: Image, settings: Record<string, string>): Promise<void> {
  const folder = join(image.folder, image.workdir);
  execFileSync("npm", ["ci", ...OMIT], {
    cwd: folder,
    env: outside() as NodeJS.ProcessEnv,
    stdio: "ignore",
  });
  say(`     node_modules after npm ci ${OMIT.join(" ")}: ${megabytes(join(folder, "node_modules"))} MB`);
  const { scripts } = JSON.parse(await text("package.json")) as { scripts: Record<string, string> };
  const port = await unusedPort();
  const env = { ...settings, PORT: String(port) };
  const migrate = runIn(image, (scripts["db:migrate"] ?? "").split(" "), env);
  check("npm run db:migrate works with the production packages alone", (await exitOf(migrate)) === 0);
  const start = runIn(image, (scripts.start ?? "").split(" "), env);
  await untilReady(port);
  const ended = exitOf(start);
  start.kill("SIGTERM");
  check("npm start works with the production packages alone, and ends", (await ended) === 143);
}

async function main(): Promise<void> {
  const missing = ["nginx", "pgbouncer", "openssl"].filter((name) => !which(name));
  if (missing.length > 0)
    throw new Error(`Install ${missing.join(", ")} from your packages first; this check uses them.`);

  const parent = await mkdtemp(join(tmpdir(), "latchkey-deploy-"));
  cleanups.push(() => rm(parent, { recursive: true, force: true }));
  // The image's account must be able to pass. No secret is kept in here but for those of nginx and PgBouncer, in folders of theirs.
  await chmod(parent, 0o755);
  const images = await build(parent);

  // The steps of compose.yaml: roles, migrations, instances, proxy.
  const database = await startThrowaway();
  cleanups.push(() => database.stop());
  const as = (role: string, password: string) =>
    Object.assign(new URL(database.url), { username: role, password }).toString();
  await withConnection(database.url, async (client) => {
    await client.query(await text("deploy/roles.sql"));
    await client.query(
      "ALTER ROLE latchkey_owner PASSWORD 'of the owner'; ALTER ROLE latchkey_app PASSWORD 'ofTheApp'",
    );
  });
  const compose = await text("compose.yaml");
  const listOf = (service: string, name: string) =>
    execForm(new RegExp(`^ {2}${service}:[\\s\\S]*?${name}: (\\[.*\\])$`, "m").exec(compose)?.[1] ?? "");
  const migration = listOf("migrate", "command");
  const migrate = runIn(images.run, migration, { DATABASE_URL: as("latchkey_owner", "of the owner") });
  check("the migration step ends well, without an engine", (await exitOf(migrate)) === 0);

  const direct = as("latchkey_app", "ofTheApp");
  const bouncer = await startPgbouncer(join(parent, "pgbouncer"), direct);
  cleanups.push(() => bouncer.stop());
  const ports = [await unusedPort(), await unusedPort()];
  const proxy = join(parent, "nginx");
  await makeCertificate(join(proxy, "tls"));
  const nginx = await startNginx(proxy, ports);
  cleanups.push(() => nginx.stop());
  const origin = `https://localhost:${nginx.port}`;
  const agent = new Agent({ ca: await readFile(join(proxy, "tls", "cert.pem")), keepAlive: true });

  const settings = {
    PUBLIC_ORIGIN: origin,
    TRUSTED_PROXY_HOPS: "1",
    LOG_LEVEL: "error",
    SMTP_URL: "off",
    ...freshSecrets(),
  };
  const databases = [{ DATABASE_URL: direct }, { DATABASE_URL: bouncer.url, FEED_DATABASE_URL: direct }];
  const instances = databases.map((urls, index) =>
    runIn(images.run, images.run.command, { ...settings, ...urls, PORT: String(ports[index]) }),
  );
  cleanups.push(() => instances.forEach((each) => void each.kill("SIGKILL")));
  await Promise.all(ports.map((port) => untilReady(port)));
  check("two instances are ready, one of them through PgBouncer", true);
  const health = runIn(images.run, images.run.health, { PORT: String(ports[0]) });
  check("the HEALTHCHECK finds a living instance healthy", (await exitOf(health)) === 0);

  const gatePort = await unusedPort();
  const gate = runIn(images.run, listOf("verifier", "command"), {
    ...settings,
    DATABASE_URL: direct,
    VERIFIER_PORT: String(gatePort),
  });
  cleanups.push(() => void gate.kill("SIGKILL"));
  await untilReady(gatePort, "/health/ready");
  const [, ...asking] = listOf("verifier", "test").map((each) => each.replace("3001", String(gatePort)));
  check(
    "the verifier is ready, and its health check finds it",
    (await exitOf(runIn(images.run, asking, {}))) === 0,
  );

  // What people do, by https.
  const onceThrough = (path: string, asking: Asking = {}) => ask(`${origin}${path}`, { ...asking, agent });
  const through = (path: string, asking: Asking = {}) => patiently(() => onceThrough(path, asking));
  check("http is sent to https", (await ask(`http://localhost:${nginx.plainPort}/login`)).status === 308);
  const page = await through("/login");
  check(
    "the page comes through nginx, with HSTS",
    page.status === 200 && "strict-transport-security" in page.headers,
  );
  const [, sheet = ""] = /<link rel="stylesheet" href="([^"]+)"/.exec(page.body) ?? [];
  const style = await through(sheet);
  check(
    "its style sheet is compiled: utilities, and the dark theme where a device prefers it",
    style.body.includes(".sr-only") &&
      style.body.includes("prefers-color-scheme") &&
      !style.body.includes("@apply"),
  );
  const json = { "content-type": "application/json" };
  const account = { email: "somebody@example.com", password: "four grey umbrellas in the hall" };
  const signedUp = await through("/api/auth/signup", {
    method: "POST",
    headers: json,
    body: JSON.stringify(account),
  });
  check(`sign-up works (${signedUp.status})`, signedUp.status === 201);
  const form = {
    "content-type": "application/x-www-form-urlencoded",
    "sec-fetch-site": "same-origin",
    origin,
  };
  const body = new URLSearchParams(account).toString();
  const signedIn = await through("/api/auth/login", { method: "POST", headers: form, body });
  const cookie = [signedIn.headers["set-cookie"]]
    .flat()
    .map((each) => each?.split(";")[0])
    .join("; ");
  check("a form signs in and gets its cookie", signedIn.status === 303 && cookie.includes("__Host-session="));
  check(
    "the cookie opens the sessions page",
    (await through("/sessions", { headers: { cookie } })).status === 200,
  );

  // Revoked in one, refused by the other.
  const { token } = JSON.parse(signedUp.body) as { token: string };
  const bearer = { authorization: `Bearer ${token}` };
  const at = (index: number, path: string, method = "GET") =>
    patiently(() => ask(`http://127.0.0.1:${ports[index]}${path}`, { method, headers: bearer }));
  const before = [await at(0, "/api/auth/verify"), await at(1, "/api/auth/verify")];
  check(
    "both instances accept the session",
    before.every(({ status }) => status === 200),
  );
  const atGate = () => ask(`http://127.0.0.1:${gatePort}/verify`, { headers: bearer });
  check("the verifier accepts it, too", (await patiently(atGate)).status === 200);
  check("one of them ends it", (await at(0, "/api/auth/logout", "POST")).status === 204);
  const after = await at(1, "/api/auth/verify");
  check("the verifier refuses it from then on", (await patiently(atGate)).status === 401);
  check("the other refuses it from then on", after.status === 401 && after.body.includes("session_ended"));

  await replaceOne(instances, onceThrough, cookie);
  await withoutDevelopment(images.build, { ...settings, DATABASE_URL: as("latchkey_owner", "of the owner") });
  agent.destroy();
}

/** Ends one instance while people go on asking. */
async function replaceOne(
  instances: ChildProcess[],
  through: (path: string, asking: Asking) => Promise<Answer>,
  cookie: string,
): Promise<void> {
  const [first] = instances;
  if (!first) throw new Error("There is no instance.");
  let over = false;
  const statuses: number[] = [];
  const load = Array.from({ length: 20 }, async () => {
    while (!over) {
      const answer = await through("/api/auth/verify", { headers: { cookie } }).catch(() => undefined);
      statuses.push(answer?.status ?? 0);
    }
  });
  await pause(1_000);
  const startedAt = performance.now();
  const ended = exitOf(first);
  first.kill("SIGTERM");
  const code = await ended;
  const took = performance.now() - startedAt;
  await pause(1_000);
  over = true;
  await Promise.all(load);
  const busy = statuses.filter((status) => status === 503);
  const failed = statuses.filter((status) => status !== 200 && status !== 503);
  check(
    `SIGTERM under load ends an instance within 10 s (${Math.round(took)} ms, code ${code})`,
    took < 10_000 && code === 143,
  );
  check(
    `nobody was cut off: ${statuses.length} requests, ${busy.length} told to try again, ${failed.length} failed`,
    failed.length === 0,
  );
}

try {
  await main();
  say("All is well.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
