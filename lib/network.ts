import "server-only";
import { isIP } from "node:net";

/**
 * The network of an address, in which attempts are counted and wait in line together: the first 24 bits of IPv4, the
 * first 48 of IPv6. Those are the smallest networks that are routed on the internet, and the most that one customer
 * is given (RFC 6177, 2), so nobody has two of them by changing the address. Unknown addresses are one network.
 */
export function networkOf(address: string | null): string {
  if (address === null) return "unknown";
  if (isIP(address) !== 6) return address.split(".").slice(0, 3).join(".");
  const [before = [], after] = address.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const zeros = after ? Array(Math.max(0, 8 - before.length - after.length)).fill("0") : [];
  return [...before, ...zeros, ...(after ?? [])].slice(0, 3).join(":");
}
