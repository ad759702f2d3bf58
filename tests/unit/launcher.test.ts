import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseTokenKeys } from "@/lib/token/keys";
import { isLocal } from "@/scripts/database";
import { plainEnvironment, ROOT } from "../support/http/server";

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-launcher-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const environment = (more: Record<string, string> = {}) => ({ ...plainEnvironment(), ...more });

/** Runs a line of shell in the checkout, under the umask that most accounts have. */
const shell = (line: string, more: Record<string, string> = {}) =>
  run("sh", ["-c", `umask 022; ${line}`], { cwd: ROOT, env: environment(more) });

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe("npm run secrets", () => {
  const SECRETS = "node scripts/run.js secrets";

  test("prints one NAME=value line for each secret, strong enough for production", async () => {
    const { stdout, stderr } = await shell(SECRETS);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^TOKEN_KEYS='\{.+\}'\nCOOKIE_PASSWORD='[\w-]{43}'\n$/);
    const keys = parseTokenKeys(parseEnv(stdout).TOKEN_KEYS ?? "");
    expect(keys).toMatchObject({ ok: true, keys: [{ alg: "ES256" }] });
    expect((await shell(SECRETS)).stdout).not.toBe(stdout);
  });

  test("makes a file that only its owner reads, by the command of the README", async () => {
    const readme = await readFile(join(ROOT, "README.md"), "utf8");
    const command = /^npm run --silent secrets .*?(?= {2,}#|$)/m.exec(readme)?.[0];
    expect(command).toBe("npm run --silent secrets -- .env");
    const path = join(folder, ".env");
    await shell(`npm run --silent secrets -- ${path}`);
    expect(await modeOf(path)).toBe(0o600);
    expect(await readFile(path, "utf8")).toMatch(/^TOKEN_KEYS=.+\nCOOKIE_PASSWORD=.+\n$/);
  });

  test.each([">", ">>"])("makes it so, too, where a shell sends its output with %s", async (arrow) => {
    const path = join(folder, ".env");
    const { stderr } = await shell(`${SECRETS} ${arrow} ${path}`);
    expect(await modeOf(path)).toBe(0o600);
    expect(stderr).toContain("could be read by other accounts");
    expect(await readFile(path, "utf8")).toMatch(/^TOKEN_KEYS=.+\nCOOKIE_PASSWORD=.+\n$/);
  });

  test.each([0o644, 0o666, 0o640, 0o604])(
    "tightens a file that others can read (%i) and says so",
    async (mode) => {
      const path = join(folder, ".env");
      await writeFile(path, "PUBLIC_ORIGIN=https://app.example.com");
      await chmod(path, mode);
      const { stdout } = await shell(`${SECRETS} ${path}`);
      expect(await modeOf(path)).toBe(0o600);
      expect(stdout).toContain("could be read by other accounts");
      expect(parseEnv(await readFile(path, "utf8"))).toMatchObject({
        PUBLIC_ORIGIN: "https://app.example.com",
        COOKIE_PASSWORD: expect.stringMatching(/^[\w-]{43}$/),
      });
    },
  );

  test("keeps what is set, fills in what is empty, and says which is which without showing either", async () => {
    const path = join(folder, ".env");
    await writeFile(path, "TOKEN_KEYS='mine'\nCOOKIE_PASSWORD=\nPORT=4000\n", { mode: 0o600 });
    const { stdout } = await shell(`${SECRETS} ${path}`);
    const after = await readFile(path, "utf8");
    expect(after).toMatch(/^TOKEN_KEYS='mine'\nCOOKIE_PASSWORD=\nPORT=4000\nCOOKIE_PASSWORD='[\w-]{43}'\n$/);
    expect(stdout).toContain("TOKEN_KEYS is set");
    expect(stdout).toContain("Added COOKIE_PASSWORD");
    expect(stdout).not.toContain(parseEnv(after).COOKIE_PASSWORD ?? "");
    await shell(`${SECRETS} ${path}`);
    expect(await readFile(path, "utf8")).toBe(after);
  });

  test("does not write through a link, which may lead anywhere", async () => {
    const target = join(folder, "target");
    await writeFile(target, "");
    await symlink(target, join(folder, ".env"));
    await expect(shell(`${SECRETS} ${join(folder, ".env")}`)).rejects.toThrow(/is a link/);
    expect(await readFile(target, "utf8")).toBe("");
  });
});

describe("tsx", () => {
  test("runs nothing that another account has put into its cache in /tmp", async () => {
    const cache = join(folder, `tsx-${process.geteuid?.()}`);
    const program = join(folder, "program.mts");
    await writeFile(program, 'const said: string = "ours";\nconsole.log(said);\n');
    const start = (preload: string) =>
      spawnSync(process.execPath, ["--import", preload, program], {
        cwd: ROOT,
        env: environment({ TMPDIR: folder }),
        encoding: "utf8",
      });
    const isFilled = async () => {
      const names = await readdir(cache).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(join(cache, name), "utf8")));
      return texts.some((text) => text.includes("ours") && text.endsWith("}"));
    };
    // It fills its cache beside its work, and a program that is done does not wait for that.
    const fill = async () => {
      expect(start("tsx").stdout).toBe("ours\n");
      return isFilled();
    };
    await expect.poll(fill).toBe(true);
    // What somebody else writes there is run.
    for (const name of await readdir(cache)) {
      const path = join(cache, name);
      await writeFile(path, (await readFile(path, "utf8")).replaceAll("ours", "theirs"));
    }
    expect(start("tsx").stdout).toBe("theirs\n");
    expect(start("./scripts/preload-tsx.js").stdout).toBe("ours\n");
  });

  test("is loaded by scripts/tsx.js alone, which forbids that cache first", async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    for (const [name, script] of Object.entries(scripts)) {
      expect(script, name).not.toMatch(/\btsx(?!\.js)\b/);
      if (script.includes(".ts")) expect(script, name).toContain("--import ./scripts/preload-tsx.js");
    }
  });

  test("has no part in what production runs, and nor has anything else of the development dependencies", async () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = await readFile(join(ROOT, file), "utf8");
      for (const [, imported = ""] of text.matchAll(/^(?:import|\} from|import .* from) .*?"([^"]+)";$/gm)) {
        if (imported.startsWith(".")) await follow(join(dirname(file), imported));
        else if (!imported.startsWith("node:")) packages.add(imported);
      }
    };
    await follow(join("scripts", "run.js"));
    expect([...seen].every((file) => file.endsWith(".js"))).toBe(true);
    expect(seen).toContain(join("scripts", "migrations", "migration-history.js"));
    expect([...packages].sort()).toEqual(["@next/env", "pg"]);
  });
});

describe("HOSTNAME", () => {
  const told = async (HOSTNAME: string) => {
    const code = 'import "./scripts/environment.js"; console.log(process.env.HOSTNAME ?? "unset")';
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], {
      cwd: ROOT,
      env: environment({ HOSTNAME }),
    });
    return stdout.trim();
  };

  test.each([
    ["the machine's name", hostname()],
    ["the machine's name in capitals", hostname().toUpperCase()],
    ["the machine's full name", `${hostname().split(".")[0]}.example.com`],
  ])("counts as unset where it is %s, as shells set it", async (_, name) => {
    expect(await told(name)).toBe("unset");
  });

  test.each(["127.0.0.1", "0.0.0.0", "::", "::1", "app.internal"])(
    "is %s where a person sets it",
    async (name) => {
      expect(await told(name)).toBe(name);
    },
  );
});

test("a machine without IPv6 is served on every address of IPv4", async () => {
  const withoutIpv6 = `
    import net from "node:net";
    const listen = net.Server.prototype.listen;
    net.Server.prototype.listen = function (options, ...rest) {
      if (!String(options.host).includes(":")) return listen.call(this, options, ...rest);
      const error = Object.assign(new Error("not supported"), { code: "EAFNOSUPPORT" });
      process.nextTick(() => this.emit("error", error));
      return this;
    };
    const { everyAddress, isFree } = await import("./scripts/ports.js");
    console.log(await everyAddress(), await isFree(0));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", withoutIpv6], { cwd: ROOT });
  expect(stdout.trim()).toBe("0.0.0.0 true");
});

describe("whose database it is", () => {
  test.each([
    "postgresql://a:b@localhost/app",
    "postgresql://a:b@LOCALHOST:5433/app",
    "postgresql://a:b@127.0.0.1/app",
    "postgresql://a:b@127.8.9.10/app",
    "postgresql://a:b@[::1]/app",
    "postgresql://a:b@[0:0:0:0:0:0:0:1]/app",
    "postgresql://a:b@[::ffff:127.0.0.1]/app",
    "postgresql:///app",
    "postgresql:///app?host=/var/run/postgresql",
    "postgresql://a:b@%2Fvar%2Frun%2Fpostgresql/app",
    "postgresql://a:b@db.example.com/app?host=/var/run/postgresql",
  ])("%s is on this machine", (url) => {
    expect(isLocal(url)).toBe(true);
  });

  test.each([
    "postgresql://a:b@db.example.com/app",
    "postgresql://a:b@localhost.example.com/app",
    "postgresql://a:b@notlocalhost/app",
    "postgresql://a:b@127.0.0.1.example.com/app",
    "postgresql://a:b@10.0.0.5/app",
    "postgresql://a:b@[2001:db8::1]/app",
    "postgresql://a:b@[::ffff:10.0.0.5]/app",
    "postgresql://a:b@[::]/app",
    "postgresql://a:b@localhost/app?host=db.example.com",
    "postgresql:///app?host=db.example.com",
  ])("%s is not", (url) => {
    expect(isLocal(url)).toBe(false);
  });

  test("PGHOST counts where the URL names no host", async () => {
    const code = `import { isLocal } from "./scripts/database.js"; console.log(isLocal("postgresql:///app"))`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], {
      cwd: ROOT,
      env: environment({ PGHOST: "db.example.com" }),
    });
    expect(stdout.trim()).toBe("false");
  });
});
