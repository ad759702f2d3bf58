import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../support/http/timing";
import { withSettings } from "../support/people/settings";

const TOKEN = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.${"s".repeat(86)}`;
const SEAL = `Fe26.2*1*${"a".repeat(64)}*${"b".repeat(22)}*c*d*e*f~2`;
const HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";
const DATABASE = "postgresql://app:hunter2@db.example.com/app";

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(...text.split("\n")));
});
afterEach(() => vi.mocked(console.log).mockRestore());

const load = (settings: Record<string, string>) => withSettings(settings, () => import("@/lib/log"));

test.each([
  ["a token", TOKEN],
  ["a sealed cookie", SEAL],
  ["a password hash", HASH],
  ["the address of the database", DATABASE],
])("%s never reaches a line, wherever it hides", async (_, secret) => {
  const { log, flushLog } = await load({ NODE_ENV: "production", LOG_LEVEL: "debug" });
  const cause = new Error(`inner ${secret}`);
  log.error("hidden", {
    text: `before ${secret} after`,
    end: `behind ${secret}`,
    last: 1,
    error: new Error(`outer "${secret}"`, { cause }),
  });
  flushLog();
  expect(lines).toHaveLength(1);
  const [line = ""] = lines;
  expect(line).not.toContain(secret);
  for (const part of secret.split(/[.*$/@]/)) if (part.length > 15) expect(line).not.toContain(part);
  // What stands around it is kept, and the line is still JSON.
  expect(JSON.parse(line)).toMatchObject({
    event: "hidden",
    text: "before [removed] after",
    end: "behind [removed]",
    last: 1,
  });
});

test("production writes one JSON object a line", async () => {
  const { log, flushLog } = await load({ NODE_ENV: "production", LOG_LEVEL: "info" });
  log.info("first", { path: "/a\nb", count: 1 });
  log.info("second");
  flushLog();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), level: "info", event: "first", path: "/a\nb", count: 1 },
    { time: expect.any(String), level: "info", event: "second" },
  ]);
});

test("the level decides what is written", async () => {
  const { log, flushLog } = await load({ NODE_ENV: "production", LOG_LEVEL: "error" });
  log.debug("quiet");
  log.info("quiet");
  log.error("loud");
  flushLog();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("loud");
});

test("lines are written soon, without being asked to", async () => {
  const { log } = await load({ NODE_ENV: "production", LOG_LEVEL: "info" });
  log.info("soon");
  expect(lines).toEqual([]);
  await eventually(() => expect(lines).toHaveLength(1));
});
