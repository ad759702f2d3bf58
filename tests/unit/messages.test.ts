import { describe, expect, test } from "vitest";
import type { Kind } from "@/lib/revocation/messages";
import { withSettings } from "../support/people/settings";
import { expectComplaints } from "../support/runner/complaints";

const [OLD, NEW] = ["an old password with enough letters 0123", "a new password, which came later 4567890"];
const HERE = "0190f3a0-7f00-7000-8000-00000000000d:16384";
const FIELDS = ["0190f3a0-7f00-7000-8000-000000000001", "7", "channel"];

const shared = globalThis as { latchkey?: unknown };

/** `sign` and `open` as in a process of its own with that cookie password. */
async function instance(cookiePassword: string) {
  const { sign, open, ignoredNotifications } = await withSettings(
    { COOKIE_PASSWORD: cookiePassword },
    async () => {
      // Settings are read on first use: now, while they are this instance's.
      (await import("@/lib/env")).env();
      return import("@/lib/revocation/messages");
    },
  );
  let own: unknown;
  // What the bundles of one process share.
  const within = <T>(work: () => T): T => {
    shared.latchkey = own;
    const result = work();
    own = shared.latchkey;
    return result;
  };
  return {
    sign: (...message: Parameters<typeof sign>) => within(() => sign(...message)),
    open: (...message: Parameters<typeof open>) => within(() => open(...message)),
    ignored: () => within(ignoredNotifications),
  };
}

describe("a signed notification", () => {
  test("is opened by every instance with the same password, for the same database and kind", async () => {
    const [one, other] = [await instance(OLD), await instance(OLD)];
    const message = one.sign("barrier", HERE, FIELDS);
    expect(message).toMatch(/^f[0-9a-f-]{36}:7:channel:[\w-]{43}$/);
    expect(other.open("barrier", HERE, message)).toEqual(FIELDS);
    expect(other.ignored()).toBe(0);
  });

  test.each<[string, (message: string) => [Kind, string, string]]>([
    ["of another database", (message) => ["barrier", "another:1", message]],
    ["of another kind", (message) => ["acknowledgement", HERE, `a${message.slice(1)}`]],
    ["taken for another kind", (message) => ["acknowledgement", HERE, message]],
    ["with another number", (message) => ["barrier", HERE, message.replace(":7:", ":8:")]],
    ["with another sender", (message) => ["barrier", HERE, message.replace("f0190", "f0191")]],
    ["with a colon moved", (message) => ["barrier", HERE, message.replace(":7:", "7::")]],
    ["without its signature", (message) => ["barrier", HERE, message.slice(0, message.lastIndexOf(":"))]],
    [
      "with an empty signature",
      (message) => ["barrier", HERE, message.slice(0, message.lastIndexOf(":") + 1)],
    ],
    ["cut short", (message) => ["barrier", HERE, message.slice(0, -1)]],
    ["with a longer signature", (message) => ["barrier", HERE, `${message}AAAA`]],
    ["that is a number as of old", () => ["barrier", HERE, "f4611686018427387904:"]],
    ["that is nothing but its letter", () => ["barrier", HERE, "f"]],
    ["that is empty", () => ["barrier", HERE, ""]],
    ["that is long", () => ["barrier", HERE, `f${":,".repeat(3_900)}`]],
  ])("%s is ignored and counted", async (_, forge) => {
    expectComplaints();
    const { sign, open, ignored } = await instance(OLD);
    expect(open(...forge(sign("barrier", HERE, FIELDS)))).toBeNull();
    expect(ignored()).toBe(1);
  });

  test("of an instance with another password is ignored", async () => {
    const [one, other] = [await instance(OLD), await instance(NEW)];
    expect(other.open("barrier", HERE, one.sign("barrier", HERE, FIELDS))).toBeNull();
  });
});

describe("while the cookie password is rotated", () => {
  const passwordOf = (year: number) => `${year} ${NEW}`;
  const years = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, passwordOf(i + 1)])));
  const YEARS = years(40);
  const [BEFORE, BETWEEN, AFTER] = [OLD, JSON.stringify({ 1: OLD, 2: NEW }), JSON.stringify({ 2: NEW })];

  test.each([
    ["the old password and both", BEFORE, BETWEEN],
    ["both and the new password", BETWEEN, AFTER],
    ["every password of years and the last of them", YEARS, JSON.stringify({ 40: passwordOf(40) })],
    ["every password of years and one more", YEARS, years(41)],
  ])("instances that know %s understand each other", async (_, first, second) => {
    const [one, other] = [await instance(first), await instance(second)];
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const kind of ["barrier", "acknowledgement", "proof"] as const)
        expect(to.open(kind, HERE, from.sign(kind, HERE, FIELDS))).toEqual(FIELDS);
      expect(to.ignored()).toBe(0);
    }
  });
});
