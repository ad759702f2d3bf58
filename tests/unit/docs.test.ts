import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// The numbers that docs/security.md promises stand in the code. Change one, and this test names the other.

const PROMISES: [row: string, file: string, code: string][] = [
  ["| good for 15 minutes |", "lib/limits.ts", "STEP_UP_AFTER = 15 * MINUTES"],
  [
    "| 90 days, or as asked, a year at most; never idle |",
    "lib/limits.ts",
    "API_SESSION_LIFETIME = 90 * DAYS",
  ],
  [
    "| 90 days, or as asked, a year at most; never idle |",
    "lib/limits.ts",
    "LONGEST_API_SESSION = 365 * DAYS",
  ],
  ["| 24 hours, 1 hour, 7 days |", "lib/limits.ts", "verify: 24 * HOURS, reset: 1 * HOURS, report: 7 * DAYS"],
  ["| 3 an hour |", "lib/account/limit/rate-limit.ts", "MAILS = window(3, 1 * HOURS)"],
  [
    "| 1,000 and 10 an hour |",
    "lib/account/limit/rate-limit.ts",
    "MAIL_REQUESTS_BY_NETWORK = window(1_000, 1 * HOURS)",
  ],
  [
    "| 1,000 and 10 an hour |",
    "lib/account/limit/rate-limit.ts",
    "CHANGES_OF_ADDRESS = window(10, 1 * HOURS)",
  ],
  ["| for a day |", "lib/limits.ts", "MAIL_RETENTION = 1 * DAYS"],
  ["| known for 400 days |", "lib/limits.ts", "PLACE_RETENTION = 400 * DAYS"],
  ["| 100; one more ends the one unused longest |", "lib/limits.ts", "MOST_SESSIONS = 100;"],
  ["| 10; one more ends the oldest |", "lib/limits.ts", "MOST_STREAMS = 10;"],
  ["| kept 90 days |", "lib/limits.ts", "RETENTION = 90 * DAYS"],
  ["| 15 to 256 code points |", "lib/account/password/password-rules.ts", "MIN_PASSWORD_LENGTH = 15"],
  ["| 15 to 256 code points |", "lib/account/password/password-rules.ts", "MAX_PASSWORD_LENGTH = 256"],
  ["before it waits | 5 |", "lib/account/limit/rate-limit.ts", "GUESSES = row(5)"],
  ["| 5 and 10 |", "lib/account/limit/rate-limit.ts", "GUESSES_BY_DEVICES = row(10)"],
  [
    "30 seconds, doubled each time, 1 hour at most",
    "lib/account/limit/rate-limit.ts",
    "FIRST_WAIT = 30 * SECONDS",
  ],
  [
    "30 seconds, doubled each time, 1 hour at most",
    "lib/account/limit/rate-limit.ts",
    "LONGEST_WAIT = 1 * HOURS",
  ],
  [
    "| 100 in 30 days; then strangers wait a day |",
    "lib/account/limit/rate-limit.ts",
    "limit: 100, window: 30 * DAYS, hold: 1 * DAYS",
  ],
  [
    "| 500 in 15 minutes |",
    "lib/account/limit/rate-limit.ts",
    "GUESSES_BY_NETWORK = window(500, 15 * MINUTES)",
  ],
  [
    "| 100 for an account and 1,000 for a network in 15 minutes |",
    "lib/account/limit/rate-limit.ts",
    "RIGHT_OF_ACCOUNT = window(100, 15 * MINUTES)",
  ],
  [
    "| 100 for an account and 1,000 for a network in 15 minutes |",
    "lib/account/limit/rate-limit.ts",
    "RIGHT_BY_NETWORK = window(1_000, 15 * MINUTES)",
  ],
  ["| 1,000 an hour |", "lib/account/limit/rate-limit.ts", "SIGN_UPS_BY_NETWORK = window(1_000, 1 * HOURS)"],
  [
    "of one account | 1,000 an hour |",
    "lib/account/limit/rate-limit.ts",
    "WRITES_OF_ACCOUNT = window(1_000, 1 * HOURS)",
  ],
  [
    "| 100 in 15 minutes |",
    "lib/account/limit/rate-limit.ts",
    "EVENTS_BY_NETWORK = window(100, 15 * MINUTES)",
  ],
  ["| 4, of which at most 2 hash", "lib/account/limit/rate-limit.ts", "atOnce: 4, perLine: 200"],
  ["| 4, of which at most 2 hash", "lib/account/password/hashing.ts", "THREADS = Math.min(2,"],
  ["35 bits by the habits", "lib/account/password/guessability.ts", "ENOUGH = 35"],
  [
    "| for 400 days, or until the password is changed |",
    "app/api/auth/sign-in.ts",
    "DEVICE_COOKIE_LIFETIME = (400 * DAYS)",
  ],
  ["| an IPv4 /24, an IPv6 /48 |", "lib/network.ts", "slice(0, 3)"],
  ["| request body, API | 16 KiB |", "lib/http/body.ts", "MAX_BODY = 16 * 1024"],
  [
    "| request body, everything else | 64 KiB |",
    "lib/http/node-server/front-door.ts",
    "MAX_PAGE_BODY = 64 * 1024",
  ],
  ["| within 30 seconds |", "lib/http/node-server/connections.ts", "ARRIVAL_TIME = 30 * SECONDS"],
];

const read = (path: string) => readFile(join(import.meta.dirname, "..", "..", path), "utf8");

describe("docs/security.md", () => {
  test.each(PROMISES)("says %s as %s does", async (row, file, code) => {
    expect(await read("docs/security.md")).toContain(row);
    expect(await read(file)).toContain(code);
  });

  test("names files that exist", async () => {
    const text = await read("docs/security.md");
    const files = [...text.matchAll(/`((?:lib|app|tests)\/[\w./()-]+\.tsx?)`/g)].map(
      ([, file]) => file ?? "",
    );
    expect(files.length).toBeGreaterThan(10);
    await Promise.all(files.map(read));
  });
});
