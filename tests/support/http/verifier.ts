import { spawn } from "node:child_process";
import { secretVariables } from "../people/secrets";
import { settingFor } from "../runner/slowness";
import { LAUNCHER, observe, plainEnvironment, ROOT, type Server, unusedPort } from "./server";

export type Verifier = Pick<Server, "url" | "lines" | "process" | "stop" | "kill" | "ended" | "line">;

/** Starts the verifier beside a server of the app: on the same database, with the same settings. */
export async function startVerifier(
  app: Pick<Server, "origin" | "databaseUrl" | "secrets">,
  { env = {}, port: wanted }: { env?: Record<string, string>; port?: number } = {},
): Promise<Verifier> {
  const port = wanted ?? (await unusedPort());
  const child = spawn(process.execPath, [LAUNCHER, "verifier"], {
    cwd: ROOT,
    env: {
      ...plainEnvironment(),
      VERIFIER_PORT: String(port),
      DATABASE_URL: app.databaseUrl,
      PUBLIC_ORIGIN: app.origin,
      SMTP_URL: "off",
      GATE_QUERY_TIMEOUT_MS: String(settingFor(3_000)),
      LEASE_MS: String(settingFor(2_000)),
      ...secretVariables(app.secrets),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const observed = observe(child);
  try {
    await observed.line(/verifier_ready/);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`The verifier does not start:\n${observed.lines.join("\n")}`, { cause: error });
  }
  return { url: `http://localhost:${port}`, ...observed };
}
