import { beforeEach, describe, expect, test, vi } from "vitest";
import { PRODUCT } from "@/lib/product";
import { freshKey, freshPassword, freshSecrets, secretVariables } from "../support/people/secrets";
import { withSettings } from "../support/people/settings";

const good = {
  NODE_ENV: "production",
  DATABASE_URL: "postgresql://app@db.example.com/app",
  PUBLIC_ORIGIN: "https://app.example.com",
  SMTP_URL: "off",
  ...secretVariables(await freshSecrets()),
};

const OPTIONAL = [
  "LATCHKEY_PREVIEW",
  "DATABASE_POOL_SIZE",
  "FEED_DATABASE_URL",
  "FEED",
  "LEASE_MS",
  "CACHED_SESSIONS",
  "TRUSTED_PROXY_HOPS",
  "METRICS_TOKEN",
  "LOG_LEVEL",
];

beforeEach(() => {
  for (const name of OPTIONAL) vi.stubEnv(name, undefined);
});

const load = (settings: Record<string, string | undefined>) =>
  withSettings({ ...good, ...settings }, () => import("@/lib/env"));

async function problems(settings: Record<string, string | undefined>): Promise<string[]> {
  return (await load(settings)).checkEnv();
}

test("good settings are taken, with their defaults", async () => {
  const { checkEnv, env } = await load({});
  expect(checkEnv()).toEqual([]);
  expect(env()).toMatchObject({
    production: true,
    preview: false,
    publicOrigin: "https://app.example.com",
    secure: true,
    feed: true,
    lease: 2_000,
    trustedProxyHops: 0,
    metricsToken: null,
    feedDatabaseUrl: good.DATABASE_URL,
  });
});

describe.each(["DATABASE_URL", "PUBLIC_ORIGIN", "TOKEN_KEYS", "COOKIE_PASSWORD", "SMTP_URL"])(
  "%s",
  (name) => {
    test.each([undefined, ""])("is missed by its name when it is %j", async (value) => {
      const found = await problems({ [name]: value });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(new RegExp(`^${name} is missing: `));
    });
  },
);

test("everything that is missing is named at once, and thrown where somebody goes on all the same", async () => {
  const { checkEnv, env } = await load({
    DATABASE_URL: "",
    PUBLIC_ORIGIN: "",
    TOKEN_KEYS: "",
    COOKIE_PASSWORD: "",
    SMTP_URL: "",
  });
  expect(checkEnv().map((problem) => problem.split(" ")[0])).toEqual([
    "DATABASE_URL",
    "PUBLIC_ORIGIN",
    "TOKEN_KEYS",
    "COOKIE_PASSWORD",
    "SMTP_URL",
  ]);
  expect(env).toThrow(/DATABASE_URL.*COOKIE_PASSWORD/s);
});

describe("a weak or wrong value is refused by its name", () => {
  test.each([
    ["DATABASE_URL", "mysql://db.example.com/app"],
    ["FEED_DATABASE_URL", "redis://x"],
    ["SMTP_URL", "mail.example.com:25"],
    ["SMTP_URL", "https://mail.example.com"],
    ["SMTP_URL", "smtp://"],
    ["SMTP_URL", "none"],
    ["MAIL_FROM", "hello"],
    ["MAIL_FROM", "Latchkey <hello@example.com>\nBcc: <x@y.example>"],
    ["MAIL_FROM", "a@b.example, c@d.example"],
    ["PUBLIC_ORIGIN", "http://app.example.com"],
    ["PUBLIC_ORIGIN", "https://app.example.com/"],
    ["PUBLIC_ORIGIN", "https://app.example.com/path"],
    ["PUBLIC_ORIGIN", "https://user@app.example.com"],
    ["PUBLIC_ORIGIN", "HTTPS://app.example.com"],
    ["PUBLIC_ORIGIN", "app.example.com"],
    ["PUBLIC_ORIGIN", "ftp://localhost"],
    ["PUBLIC_ORIGIN", "javascript:alert(1)"],
    ["PUBLIC_ORIGIN", "http://localhost.example.com"],
    ["TOKEN_KEYS", "{}"],
    ["TOKEN_KEYS", "secret"],
    ["COOKIE_PASSWORD", "x".repeat(31)],
    ["COOKIE_PASSWORD", "x".repeat(64)],
    ["COOKIE_PASSWORD", "abcd".repeat(16)],
    ["COOKIE_PASSWORD", "{"],
    ["COOKIE_PASSWORD", "{}"],
    ["COOKIE_PASSWORD", `{"new":"${freshPassword()}"}`],
    ["COOKIE_PASSWORD", `{"2":"${freshPassword()}","1":"short"}`],
    ["COOKIE_PASSWORD", '{"2":7}'],
    ["DATABASE_POOL_SIZE", "0"],
    ["DATABASE_POOL_SIZE", "many"],
    ["GATE_QUERY_TIMEOUT_MS", "0"],
    ["GATE_QUERY_TIMEOUT_MS", "60001"],
    ["FEED", "yes"],
    ["LEASE_MS", "10"],
    ["LEASE_MS", "3600000"],
    ["CACHED_SESSIONS", "-1"],
    ["TRUSTED_PROXY_HOPS", "-1"],
    ["TRUSTED_PROXY_HOPS", "1.5"],
    ["METRICS_TOKEN", "short"],
    ["LOG_LEVEL", "loud"],
  ])("%s=%s", async (name, value) => {
    const found = await problems({ [name]: value });
    expect(found.length).toBeGreaterThan(0);
    for (const problem of found) expect(problem).toMatch(new RegExp(`^${name} `));
  });

  test("and never quoted", async () => {
    const password = "a".repeat(40);
    const found = (
      await problems({ COOKIE_PASSWORD: password, TOKEN_KEYS: `{"keys":["${password}"]}` })
    ).join();
    expect(found).not.toContain(password);
  });
});

describe("accepted as well", () => {
  test.each([
    ["PUBLIC_ORIGIN", "http://localhost:3000"],
    ["PUBLIC_ORIGIN", "http://127.0.0.1"],
    ["PUBLIC_ORIGIN", "http://[::1]:3000"],
    ["PUBLIC_ORIGIN", "https://app.example.com:8443"],
    ["COOKIE_PASSWORD", `{"2":"${freshPassword()}","1":"${freshPassword()}"}`],
    ["FEED", "off"],
    ["SMTP_URL", "smtp://mail:1025"],
    ["SMTP_URL", "smtps://user:p%40ss@mail.example.com:465"],
    ["MAIL_FROM", "hello@example.com"],
    ["MAIL_FROM", "Latchkey <hello@example.com>"],
    ["METRICS_TOKEN", "m".repeat(32)],
    ["TRUSTED_PROXY_HOPS", "2"],
  ])("%s=%s", async (name, value) => {
    expect(await problems({ [name]: value })).toEqual([]);
  });
});

describe("mail", () => {
  test.each([
    [{ SMTP_URL: "off" }, { by: "nothing" }],
    [
      { SMTP_URL: "smtp://mail.example.com" },
      { by: "smtp", url: "smtp://mail.example.com", from: `${PRODUCT.name} <no-reply@app.example.com>` },
    ],
    [
      { SMTP_URL: "smtp://mail", MAIL_FROM: "a@b.example" },
      { by: "smtp", url: "smtp://mail", from: "a@b.example" },
    ],
    [{ SMTP_URL: "", NODE_ENV: "development" }, { by: "outbox" }],
    [{ SMTP_URL: "", LATCHKEY_PREVIEW: "1", PUBLIC_ORIGIN: "http://localhost:3000" }, { by: "outbox" }],
  ])("%o leads to %o", async (settings, mail) => {
    expect((await load(settings)).env().mail).toEqual(mail);
  });
});

describe("development secrets", async () => {
  const development = {
    ...secretVariables(await freshSecrets([await freshKey("ES256", "development-1")])),
    COOKIE_PASSWORD: `development-only-${freshPassword()}`,
  };

  test("are refused in production, by their names", async () => {
    const found = await problems(development);
    expect(found.map((problem) => problem.split(" ")[0])).toEqual(["TOKEN_KEYS", "COOKIE_PASSWORD"]);
  });

  test("are refused in production even as the old half of a rotation", async () => {
    const keys = [await freshKey(), await freshKey("ES256", "development-1")];
    const found = await problems({
      TOKEN_KEYS: JSON.stringify({ keys }),
      COOKIE_PASSWORD: JSON.stringify({ 2: freshPassword(), 1: development.COOKIE_PASSWORD }),
    });
    expect(found.map((problem) => problem.split(" ")[0])).toEqual(["TOKEN_KEYS", "COOKIE_PASSWORD"]);
  });

  test("serve a preview on localhost, and nowhere else", async () => {
    const preview = { ...development, LATCHKEY_PREVIEW: "1" };
    expect(await problems({ ...preview, PUBLIC_ORIGIN: "http://localhost:3000" })).toEqual([]);
    expect(await problems(preview)).toHaveLength(2);
  });

  test("serve development", async () => {
    expect(
      await problems({ ...development, NODE_ENV: "development", PUBLIC_ORIGIN: "http://localhost:3000" }),
    ).toEqual([]);
  });
});
