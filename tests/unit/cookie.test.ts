import { sealData } from "iron-session";
import { describe, expect, test } from "vitest";
import { MAX_TOKEN_LENGTH } from "@/lib/limits";
import { DAYS, HOURS } from "@/lib/time";
import { freshPassword } from "../support/people/secrets";
import { withSettings } from "../support/people/settings";

const [OLD, NEW] = [freshPassword(), freshPassword()];
const NOW = new Date("2026-11-24T12:00:00Z");
const inAnHour = { expiresAt: new Date(NOW.getTime() + 1 * HOURS), keep: false, now: NOW };

const cookieWith = (COOKIE_PASSWORD: string, settings: Record<string, string> = {}) =>
  withSettings({ COOKIE_PASSWORD, ...settings }, () => import("@/lib/token/cookie"));

describe("a session cookie", () => {
  test("gives back the token that was sealed", async () => {
    const { sealSessionCookie, openSessionCookie } = await cookieWith(NEW);
    const { value } = await sealSessionCookie("a.b.c", inAnHour);
    expect(value).not.toContain("a.b.c");
    expect(await openSessionCookie(value)).toBe("a.b.c");
  });

  test("is HttpOnly, Lax and for the whole site; https makes it Secure and ties it to the host", async () => {
    const plain = await cookieWith(NEW, { PUBLIC_ORIGIN: "http://localhost:3000" });
    const attributes = { path: "/", httpOnly: true, sameSite: "lax" };
    expect(await plain.sealSessionCookie("a.b.c", inAnHour)).toMatchObject({
      name: "session",
      secure: false,
      ...attributes,
    });
    const secure = await cookieWith(NEW, { PUBLIC_ORIGIN: "https://app.example.com" });
    expect(await secure.sealSessionCookie("a.b.c", inAnHour)).toMatchObject({
      name: "__Host-session",
      secure: true,
      ...attributes,
    });
  });

  test("outlives the browser only when the person wants to stay signed in", async () => {
    const { sealSessionCookie } = await cookieWith(NEW);
    expect(await sealSessionCookie("a.b.c", inAnHour)).not.toHaveProperty("maxAge");
    expect(await sealSessionCookie("a.b.c", { ...inAnHour, keep: true })).toHaveProperty("maxAge", 3600);
  });

  test.each(["kept", "brief"])(
    "with the longest token a %s one fits the 4,096 bytes of browsers",
    async (which) => {
      const { sealSessionCookie } = await cookieWith(`{"12":"${NEW}","11":"${OLD}"}`);
      const end = { expiresAt: new Date(NOW.getTime() + 30 * DAYS), keep: which === "kept", now: NOW };
      const { name, value } = await sealSessionCookie("x".repeat(MAX_TOKEN_LENGTH), end);
      const whole = `${name}=${value}; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax`;
      expect(Buffer.byteLength(whole)).toBeLessThanOrEqual(4_096);
    },
  );

  test("is deleted with the attributes that browsers insist on", async () => {
    const { clearedCookie, sessionCookieName } = await cookieWith(NEW);
    expect(clearedCookie(sessionCookieName())).toEqual({
      name: "__Host-session",
      value: "",
      path: "/",
      httpOnly: true,
      secure: true,
      sameSite: "lax",
      maxAge: 0,
    });
  });
});

describe("rotation of the cookie password", () => {
  test("an old cookie is read while its password is still there", async () => {
    const { value } = await (await cookieWith(OLD)).sealSessionCookie("a.b.c", inAnHour);
    const rotated = await cookieWith(JSON.stringify({ 2: NEW, 1: OLD }));
    expect(await rotated.openSessionCookie(value)).toBe("a.b.c");
  });

  test("new cookies are sealed with the new password, and open without the old one", async () => {
    const rotated = await cookieWith(JSON.stringify({ 2: NEW, 1: OLD }));
    const { value } = await rotated.sealSessionCookie("a.b.c", inAnHour);
    const later = await cookieWith(JSON.stringify({ 2: NEW }));
    expect(await later.openSessionCookie(value)).toBe("a.b.c");
    const oldOnly = await cookieWith(JSON.stringify({ 1: OLD }));
    expect(await oldOnly.openSessionCookie(value)).toBeNull();
  });

  test("without the old password the old cookie is worth nothing", async () => {
    const { value } = await (await cookieWith(OLD)).sealSessionCookie("a.b.c", inAnHour);
    const later = await cookieWith(JSON.stringify({ 2: NEW }));
    expect(await later.openSessionCookie(value)).toBeNull();
  });
});

describe("a cookie is no cookie when", () => {
  const change = (value: string, at: number) => {
    const other = value[at] === "A" ? "B" : "A";
    return value.slice(0, at) + other + value.slice(at + 1);
  };

  test("any character of it is changed", async () => {
    const { sealSessionCookie, openSessionCookie } = await cookieWith(NEW);
    const { value } = await sealSessionCookie("a.b.c", inAnHour);
    const meaningful = value.lastIndexOf("~");
    // Each of these derives its key from the password, which is slow: every third one will do.
    const opened: string[] = [];
    for (let at = 0; at < meaningful - 1; at += 3) {
      if ((await openSessionCookie(change(value, at))) !== null) opened.push(change(value, at));
    }
    expect(opened).toEqual([]);
  });

  test.each([
    "",
    "x",
    "Fe26.2",
    "Fe26.2*1*2*3*4*5*6*7~2",
    "Fe26.2**********",
    "~2",
    "*".repeat(50),
    "%00",
    "é",
    "x".repeat(100_000),
  ])("it is %j", async (value) => {
    const { openCookie, openSessionCookie } = await cookieWith(NEW);
    expect(await openCookie(value)).toBeNull();
    expect(await openSessionCookie(value)).toBeNull();
  });

  test.each([[{}], [{ token: 1 }], [{ token: null }], [{ token: ["a"] }], [{ other: "a.b.c" }]])(
    "it holds %j",
    async (data) => {
      const { openSessionCookie } = await cookieWith(NEW);
      expect(await openSessionCookie(await sealData(data, { password: NEW, ttl: 0 }))).toBeNull();
    },
  );

  test("its time is over", async () => {
    const { openSessionCookie } = await cookieWith(NEW);
    const past = await sealData({ token: "a.b.c" }, { password: NEW, ttl: -3600 });
    expect(await openSessionCookie(past)).toBeNull();
  });
});
