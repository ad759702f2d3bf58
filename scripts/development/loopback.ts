import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { pipeline } from "node:stream";
import { codeOf } from "../problem";

/**
 * Passes on what arrives at that port of [::1] to the same port of 127.0.0.1: Next listens on one address, and browsers
 * and tools try both. Undefined on a machine without IPv6.
 */
export async function forwardLoopback(port: number): Promise<Server | undefined> {
  const server = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    pipeline(outside, inside, outside, () => {});
  });
  try {
    await once(server.listen(port, "::1"), "listening");
    // Next decides when it is over.
    return server.unref();
  } catch (error) {
    if (["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}
