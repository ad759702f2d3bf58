import { describe, expect, test } from "vitest";
import { networkOf, reachOf } from "@/lib/network";

describe("the network of an address", () => {
  test.each([
    ["addresses of one IPv4 /24", "203.0.113.9", "203.0.113.254"],
    ["addresses of one IPv6 /64", "2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6"],
    ["the /64s of one /56", "2001:db8:1:ff00::1", "2001:db8:1:ffff::1"],
    ["the /56s of one /48", "2001:db8:1::1", "2001:db8:1:ffff::1"],
    ["short and long spellings", "2001:db8::1", "2001:db8:0:1::1"],
  ])("is one for %s", (_, one, other) => {
    expect(networkOf(one)).toBe(networkOf(other));
  });

  test.each([
    ["the next /24", "203.0.113.9", "203.0.114.9"],
    ["the next /48", "2001:db8:1::1", "2001:db8:2::1"],
    ["the loopback of the other family", "127.0.0.1", "::1"],
    ["an unknown address", "127.0.0.1", null],
  ])("is another for %s", (_, one, other) => {
    expect(networkOf(one)).not.toBe(networkOf(other));
  });
});

test.each([
  ["127.0.0.1", "machine"],
  ["127.8.9.1", "machine"],
  ["::1", "machine"],
  ["10.1.2.3", "network"],
  ["172.31.0.1", "network"],
  ["192.168.0.9", "network"],
  ["169.254.1.1", "network"],
  ["fd00::1", "network"],
  ["fe80::1", "network"],
  ["172.32.0.1", "internet"],
  ["203.0.113.9", "internet"],
  ["2001:db8::1", "internet"],
  ["nonsense", "internet"],
])("%s is as far away as the %s", (address, reach) => {
  expect(reachOf(address)).toBe(reach);
});
