import { describe, expect, inject, test } from "vitest";
import { browser } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";

const [plain, secure] = [inject("plain"), inject("secure")];

const themeOf = (html: string) => /<html[^>]* data-theme="(\w+)"/.exec(html)?.[1];
const isDark = (html: string) => /<html[^>]* class="[^"]*\bdark\b/.test(html);

test.each(["light", "dark", "system"])(
  "the theme %s is in the page from its first byte on",
  async (theme) => {
    const visitor = browser(plain);
    expect(themeOf((await visitor.get("/login")).text)).toBe("system");
    const headers = { referer: `${plain.origin}/login?next=%2Fsecurity` };
    const answer = await visitor.post("/api/theme", { form: { theme }, headers });
    expect([answer.status, answer.headers.location]).toEqual([303, "/login?next=%2Fsecurity"]);
    const { text } = await visitor.get("/login");
    expect([themeOf(text), isDark(text)]).toEqual([theme, theme === "dark"]);
  },
);

test("the cookie of the theme is one that the switch can set, too, and on https for https only", async () => {
  const form = { theme: "dark" };
  const [cookie = ""] = (await browser(plain).post("/api/theme", { form })).setCookies;
  expect(cookie).toBe("theme=dark; Path=/; Max-Age=34560000; SameSite=Lax");
  const [secured = ""] = (await browser(secure).post("/api/theme", { form })).setCookies;
  expect(secured).toBe("theme=dark; Path=/; Max-Age=34560000; Secure; SameSite=Lax");
});

test("whatever else the cookie holds is no theme", async () => {
  const { text } = await browser(plain).get("/login", { headers: { cookie: 'theme="><script>' } });
  expect(themeOf(text)).toBe("system");
});

describe("refused is", () => {
  test("a theme that does not exist", async () => {
    const answer = await browser(plain).post("/api/theme", { form: { theme: "pink" } });
    expectProblem(answer, "invalid_request", ["theme"]);
    expect(answer.setCookies).toEqual([]);
  });

  test("JSON", async () => {
    const answer = await browser(plain).post("/api/theme", { json: { theme: "dark" } });
    expectProblem(answer, "unsupported_media_type");
  });

  test("a form of another site", async () => {
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    const answer = await browser(plain).post("/api/theme", { form: { theme: "dark" }, headers });
    expectProblem(answer, "cross_site_request");
    expect(answer.setCookies).toEqual([]);
  });
});

test("the way back never leaves this site", async () => {
  for (const referer of [
    "https://evil.example//evil.example/",
    "no address",
    `${plain.origin}//evil.example`,
  ]) {
    const answer = await browser(plain).post("/api/theme", { form: { theme: "dark" }, headers: { referer } });
    expect(answer.headers.location).toMatch(/^\/(?!\/)/);
  }
});
