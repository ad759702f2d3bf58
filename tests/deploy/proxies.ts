import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT, unusedPort } from "../support/http/server";

// nginx with TLS and PgBouncer, from the packages of this machine.

export type Program = { port: number; stop(): Promise<void> };

/** Where a program is, or undefined. */
export function which(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function started(child: ChildProcess, port: number): Promise<Program> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}.`);
    const socket = connect({ host: "127.0.0.1", port });
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) break;
    await pause(50);
  }
  const stop = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { port, stop };
}

/** A key and a certificate for localhost, as the documents say to make them. */
export async function makeCertificate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const documents = await readFile(join(ROOT, "docs", "operations.md"), "utf8");
  const command = /^openssl req [^\n]*\\\n[^\n]*$/m.exec(documents)?.[0];
  if (!command) throw new Error("docs/operations.md does not say how to make a certificate.");
  execFileSync("sh", ["-c", command.replaceAll("deploy/tls", folder)], { stdio: "ignore" });
}

/** Starts nginx with deploy/nginx.conf: only names, ports and paths differ. */
export async function startNginx(folder: string, apps: number[]): Promise<Program & { plainPort: number }> {
  const program = which("nginx") ?? "nginx";
  const [port, plainPort] = [await unusedPort(), await unusedPort()];
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = paths.map((name) => `${name}_temp_path ${join(folder, name)};`).join("\n  ");
  const names: [string, string][] = [
    ["listen 80;", `listen 127.0.0.1:${plainPort};`],
    ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`],
    ["/etc/nginx/tls", join(folder, "tls")],
    [
      "http {",
      `pid ${join(folder, "nginx.pid")};\nerror_log stderr error;\nhttp {\n  access_log off;\n  ${temporary}`,
    ],
    ...apps.map((app, index): [string, string] => [`app-${index + 1}:3000`, `127.0.0.1:${app}`]),
  ];
  let text = await readFile(join(ROOT, "deploy", "nginx.conf"), "utf8");
  for (const [name, value] of names) {
    if (!text.includes(name)) throw new Error(`deploy/nginx.conf no longer has ${name}.`);
    text = text.replaceAll(name, value);
  }
  const file = join(folder, "nginx.conf");
  await writeFile(file, text);
  const child = spawn(program, ["-c", file, "-e", "stderr", "-g", "daemon off;"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { ...(await started(child, port)), plainPort };
}

/** Starts PgBouncer in session mode before that database. */
export async function startPgbouncer(folder: string, url: string): Promise<Program & { url: string }> {
  const port = await unusedPort();
  const { hostname, port: databasePort, pathname, username, password } = new URL(url);
  await mkdir(folder, { recursive: true });
  const users = join(folder, "users.txt");
  await writeFile(users, `"${username}" "${password}"\n`, { mode: 0o600 });
  const file = join(folder, "pgbouncer.ini");
  await writeFile(
    file,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${databasePort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = session
default_pool_size = 60
ignore_startup_parameters = extra_float_digits,options
`,
  );
  // It does not run as root.
  const root = process.getuid?.() === 0;
  if (root) for (const path of [folder, users, file]) await chown(path, 65_534, 65_534);
  if (root) await chmod(folder, 0o700);
  const account = root ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(which("pgbouncer") ?? "pgbouncer", ["-q", file], {
    stdio: ["ignore", "ignore", "ignore"],
    ...account,
  });
  const bouncer = await started(child, port);
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(port);
  return { ...bouncer, url: through.toString() };
}
