import "server-only";
import { BlockList, isIP } from "node:net";

/**
 * The network of an address. Attempts of one network are counted together and share one queue: the first 24 bits of IPv4, the
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

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

// RFC 1918, RFC 3927, RFC 4193 and RFC 4291, 2.5.6.
const local = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const)
  local.addSubnet(network, prefix, "ipv4");
local.addSubnet("fc00::", 7, "ipv6");
local.addSubnet("fe80::", 10, "ipv6");

/** How far away an address is: on this machine, in its own network, or anywhere else. */
export function reachOf(address: string): "machine" | "network" | "internet" {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) === 0) return "internet";
  if (loopback.check(address, family)) return "machine";
  return local.check(address, family) ? "network" : "internet";
}
