// @ts-check
import { createServer } from "node:net";
import { codeOf, problem } from "./problem.js";

// Not get-port: `npm start` may import only pg and @next/env, and the error should say why a port cannot be had.

const EVERY_HOST = ["::", "0.0.0.0", "127.0.0.1", "::1"];

// This machine has no IPv6, or not that address.
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"];

/**
 * The port that `PORT` asks for, 3000 without it.
 * @param {string | undefined} value
 * @returns {number}
 */
export function wantedPort(value) {
  const port = Number(value || 3000);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw problem(`PORT is ${JSON.stringify(value)}, which is no port.`);
}

/**
 * The first free port at or above `port`.
 * @param {number} port
 * @returns {Promise<number>}
 */
export async function freePortFrom(port) {
  for (let candidate = port; candidate < Math.min(port + 100, 65_536); candidate++) {
    if (await isFree(candidate)) return candidate;
  }
  throw problem(`Port ${port} is taken, and so are those after it. Set PORT to a free one.`);
}

/**
 * Whether a server could listen there. By default on every address of this machine, as browsers try several.
 * @param {number} port
 * @param {string[]} [hosts]
 * @returns {Promise<boolean>}
 */
export async function isFree(port, hosts = EVERY_HOST) {
  for (const host of hosts) {
    if ((await tryToListen({ port, host, ipv6Only: host === "::" })) === "taken") return false;
  }
  return true;
}

/**
 * The address on which a server hears both families: "::", or "0.0.0.0" on a machine without IPv6.
 * @returns {Promise<string>}
 */
export async function everyAddress() {
  return (await tryToListen({ port: 0, host: "::" })) === "free" ? "::" : "0.0.0.0";
}

/**
 * @param {import("node:net").ListenOptions} options
 * @returns {Promise<"free" | "taken" | "no such address">}
 */
function tryToListen(options) {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.on("error", (error) => {
      const code = codeOf(error) ?? "";
      if (code === "EADDRINUSE") return resolve("taken");
      if (NO_SUCH_ADDRESS.includes(code)) return resolve("no such address");
      if (code !== "EACCES") return reject(error);
      reject(problem(`Port ${options.port} is for root. Set PORT to one above 1023.`, error));
    });
    probe.listen(options, () => probe.close(() => resolve("free")));
  });
}
