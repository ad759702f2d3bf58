import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, createServer } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase } from "../support/database/database";
import { LAUNCHER, observe, plainEnvironment, ROOT, unusedPort } from "../support/http/server";
import { freshSecrets, secretVariables } from "../support/people/secrets";

// Where a server can be reached from, and from where it cannot.

let databaseUrl: string;
beforeAll(async () => {
  databaseUrl = await freshDatabase();
});

const started: { kill(signal: NodeJS.Signals): void }[] = [];
afterAll(() => {
  for (const each of started) each.kill("SIGKILL");
});

async function launch(command: "start" | "preview", settings: Record<string, string> = {}) {
  const port = await unusedPort();
  const child = spawn(process.execPath, ["--conditions=react-server", LAUNCHER, command], {
    cwd: ROOT,
    env: {
      ...plainEnvironment(),
      DATABASE_URL: databaseUrl,
      PUBLIC_ORIGIN: `http://localhost:${port}`,
      SMTP_URL: "off",
      PORT: String(port),
      ...secretVariables(await freshSecrets()),
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const observed = observe(child);
  started.push(observed);
  await observed.line(/Ready in/);
  return { ...observed, port };
}

/** Whether somebody listens there. Of 127.0.0.2 only those do who listen on every address. */
async function listens(host: string, port: number): Promise<boolean> {
  const socket = connectSocket({ host, port });
  return new Promise((resolve) => {
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

// A Mac has no 127.0.0.2, and a container often no ::1.
const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const HOSTS = [
  "127.0.0.1",
  ...(own.some(({ address }) => address === "::1") ? ["::1"] : []),
  ...(process.platform === "linux" ? ["127.0.0.2"] : []),
];
const here = (expected: Record<string, boolean>) =>
  Object.fromEntries(Object.entries(expected).filter(([host]) => HOSTS.includes(host)));

const EVERYWHERE = { "127.0.0.1": true, "::1": true, "127.0.0.2": true };
const LOOPBACK = { "127.0.0.1": true, "::1": true, "127.0.0.2": false };

async function reach(port: number): Promise<Record<string, boolean>> {
  return Object.fromEntries(
    await Promise.all(HOSTS.map(async (host) => [host, await listens(host, port)] as const)),
  );
}

describe("npm start", () => {
  test.each([
    ["unset", {}, EVERYWHERE],
    ["the machine's name, as shells set it,", { HOSTNAME: hostname() }, EVERYWHERE],
    ["empty", { HOSTNAME: "" }, EVERYWHERE],
    ["127.0.0.1", { HOSTNAME: "127.0.0.1" }, { "127.0.0.1": true, "::1": false, "127.0.0.2": false }],
    ["::1", { HOSTNAME: "::1" }, { "127.0.0.1": false, "::1": true, "127.0.0.2": false }],
    ["0.0.0.0", { HOSTNAME: "0.0.0.0" }, { "127.0.0.1": true, "::1": false, "127.0.0.2": true }],
  ])("with HOSTNAME %s listens where it should", async (_, settings, expected) => {
    const server = await launch("start", settings);
    expect(await reach(server.port)).toEqual(here(expected));
    for (const [host, there] of Object.entries(here(expected))) {
      if (!there) continue;
      const name = host.includes(":") ? `[${host}]` : host;
      expect((await fetch(`http://${name}:${server.port}/api/health/live`)).status).toBe(200);
    }
    await server.stop();
  });

  test("is one process, which answers by itself", async () => {
    const server = await launch("start");
    const parents = execFileSync("ps", ["-A", "-o", "ppid="], { encoding: "utf8" }).split(/\s+/);
    expect(parents).not.toContain(String(server.process.pid));
    expect(await server.stop()).toEqual({ code: 143, signal: null });
  });

  test("by way of npm ends with npm, and leaves nothing behind", async () => {
    const port = await unusedPort();
    const child = spawn("npm", ["start"], {
      cwd: ROOT,
      env: {
        ...plainEnvironment(),
        DATABASE_URL: databaseUrl,
        PUBLIC_ORIGIN: `http://localhost:${port}`,
        SMTP_URL: "off",
        PORT: String(port),
        ...secretVariables(await freshSecrets()),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const npm = observe(child);
    started.push(npm);
    await npm.line(/Ready in/);
    await expect.poll(() => listens("127.0.0.1", port)).toBe(true);
    child.kill("SIGTERM");
    await expect.poll(() => listens("127.0.0.1", port), { timeout: 10_000 }).toBe(false);
    await npm.ended;
  });

  test("does not start on a port that is taken on either family", async () => {
    for (const host of HOSTS.filter((each) => each !== "127.0.0.2")) {
      const port = await unusedPort();
      const other = createServer();
      await once(other.listen(port, host), "listening");
      await expect(launch("start", { PORT: String(port) })).rejects.toThrow(/ended without/);
      other.close();
    }
  });
});

describe("npm run preview", () => {
  test.each([
    ["unset", {}, LOOPBACK],
    ["the machine's name, as shells set it,", { HOSTNAME: hostname() }, LOOPBACK],
    [
      "0.0.0.0, as a person sets it,",
      { HOSTNAME: "0.0.0.0" },
      { "127.0.0.1": true, "::1": false, "127.0.0.2": true },
    ],
  ])("with HOSTNAME %s listens where it should", async (_, settings, expected) => {
    const server = await launch("preview", { PUBLIC_ORIGIN: "", ...settings });
    expect(await reach(server.port)).toEqual(here(expected));
    if (here(expected)["::1"]) {
      const [four, six] = await Promise.all(
        ["127.0.0.1", "[::1]"].map((host) => fetch(`http://${host}:${server.port}/login`)),
      );
      expect([four?.status, six?.status]).toEqual([200, 200]);
      expect(await six?.text()).toContain("</html>");
    }
    await server.stop();
    expect(Object.values(await reach(server.port))).not.toContain(true);
  });
});
