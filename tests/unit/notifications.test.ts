import { describe, expect, test } from "vitest";
import {
  applyNotification,
  type Notification,
  parseNotification,
  subscribe,
} from "@/lib/revocation/notifications";

const SESSION = "0190f3a0-7f00-7000-8000-000000000001";
const OTHER = "0190f3a0-7f00-7000-8000-000000000002";
const USER = "0190f3a0-7f00-7000-8000-00000000000a";
const hex = (...ids: string[]) => ids.join("").replaceAll("-", "");

describe("parseNotification", () => {
  test.each([
    ["n", "new"],
    ["s", "seen"],
    ["c", "changed"],
    ["e", "ended"],
    ["d", "deleted"],
  ])("%s with two pairs is two sessions that are %s", (letter, kind) => {
    expect(parseNotification(letter + hex(SESSION, USER, OTHER, USER))).toEqual([
      { kind, id: SESSION, owner: USER },
      { kind, id: OTHER, owner: USER },
    ]);
  });

  test("u is about owners", () => {
    expect(parseNotification(`u${hex(USER, OTHER)}`)).toEqual([
      { kind: "owner", owner: USER },
      { kind: "owner", owner: OTHER },
    ]);
  });

  test.each([
    "r",
    "",
    "x",
    "?whatever",
    "E",
    "e",
    `e${hex(SESSION)}`,
    `e${hex(SESSION, USER)}0`,
    "u",
    `u${hex(USER).slice(1)}`,
    "constructor",
    "__proto__",
    "é",
  ])("%j, which nobody understands, is about everything", (payload) => {
    expect(parseNotification(payload)).toEqual([{ kind: "all" }]);
  });
});

describe("subscribe", () => {
  test("hears what concerns its user, and everything, until it stops", () => {
    const heard: Notification[] = [];
    const stop = subscribe(USER, (each) => heard.push(each));
    const mine: Notification = { kind: "ended", id: SESSION, owner: USER };
    applyNotification(mine);
    applyNotification({ kind: "ended", id: OTHER, owner: OTHER });
    applyNotification({ kind: "all" });
    stop();
    applyNotification(mine);
    expect(heard).toEqual([mine, { kind: "all" }]);
  });

  test("several listeners of one user each stop alone", () => {
    const heard: string[] = [];
    const stopFirst = subscribe(USER, () => heard.push("first"));
    const stopSecond = subscribe(USER, () => heard.push("second"));
    applyNotification({ kind: "owner", owner: USER });
    stopFirst();
    stopFirst();
    applyNotification({ kind: "owner", owner: USER });
    stopSecond();
    expect(heard).toEqual(["first", "second", "second"]);
  });
});
