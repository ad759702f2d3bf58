import { createServer } from "node:net";
import { codeOf, problem } from "./problem";

const EVERY_HOST = ["::", "0.0.0.0", "127.0.0.1", "::1"];

/** The port that `PORT` asks for, 3000 without it. */
export function wantedPort(value: string | undefined): number {
  const port = Number(value || 3000);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw problem(`PORT is ${JSON.stringify(value)}, which is no port.`);
}

/** The first free port from `port` on. */
export async function freePortFrom(port: number): Promise<number> {
  for (let candidate = port; candidate < Math.min(port + 100, 65_536); candidate++) {
    if (await isFree(candidate)) return candidate;
  }
  throw problem(`Port ${port} is taken, and so are those after it. Set PORT to a free one.`);
}

/** Whether a server could listen there. By default on every address of this machine, as browsers try several. */
export async function isFree(port: number, hosts: string[] = EVERY_HOST): Promise<boolean> {
  for (const host of hosts) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.on("error", (error) => {
      const code = codeOf(error) ?? "";
      if (code === "EADDRINUSE") return resolve(false);
      // This machine has no IPv6, or not that address: then nobody else listens there either.
      if (["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(code)) return resolve(true);
      reject(
        code === "EACCES" ? problem(`Port ${port} is for root. Set PORT to one above 1023.`, error) : error,
      );
    });
    probe.listen({ port, host, ipv6Only: host === "::" }, () => probe.close(() => resolve(true)));
  });
}
