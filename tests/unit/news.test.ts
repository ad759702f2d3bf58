import { describe, expect, test } from "vitest";
import { applyNews, listen, type News, parseNews } from "@/lib/revocation/notifications";

const SESSION = "0190f3a0-7f00-7000-8000-000000000001";
const OTHER = "0190f3a0-7f00-7000-8000-000000000002";
const USER = "0190f3a0-7f00-7000-8000-00000000000a";
const hex = (...ids: string[]) => ids.join("").replaceAll("-", "");

describe("parseNews", () => {
  test.each([
    ["n", "new"],
    ["s", "seen"],
    ["c", "changed"],
    ["e", "ended"],
    ["d", "deleted"],
  ])("%s with two pairs is two sessions that are %s", (letter, kind) => {
    expect(parseNews(letter + hex(SESSION, USER, OTHER, USER))).toEqual([
      { kind, sessionId: SESSION, userId: USER },
      { kind, sessionId: OTHER, userId: USER },
    ]);
  });

  test("u is about users", () => {
    expect(parseNews(`u${hex(USER, OTHER)}`)).toEqual([
      { kind: "user", userId: USER },
      { kind: "user", userId: OTHER },
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
    expect(parseNews(payload)).toEqual([{ kind: "all" }]);
  });
});

describe("listen", () => {
  test("hears what concerns its user, and everything, until it stops", () => {
    const heard: News[] = [];
    const stop = listen(USER, (news) => heard.push(news));
    const mine: News = { kind: "ended", sessionId: SESSION, userId: USER };
    applyNews(mine);
    applyNews({ kind: "ended", sessionId: OTHER, userId: OTHER });
    applyNews({ kind: "all" });
    stop();
    applyNews(mine);
    expect(heard).toEqual([mine, { kind: "all" }]);
  });

  test("several listeners of one user each stop alone", () => {
    const heard: string[] = [];
    const stopFirst = listen(USER, () => heard.push("first"));
    const stopSecond = listen(USER, () => heard.push("second"));
    applyNews({ kind: "user", userId: USER });
    stopFirst();
    stopFirst();
    applyNews({ kind: "user", userId: USER });
    stopSecond();
    expect(heard).toEqual(["first", "second", "second"]);
  });
});
