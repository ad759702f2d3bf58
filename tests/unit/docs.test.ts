import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// The numbers that docs/security.md promises stand in the code. Whoever changes one finds the other here.

const PROMISES: [row: string, file: string, code: string][] = [
  [
    "| 30 days at most, 7 days unused |",
    "lib/session/limits.ts",
    "kept: { absolute: 30 * DAYS, idle: 7 * DAYS }",
  ],
  [
    "| 24 hours at most, 2 hours unused |",
    "lib/session/limits.ts",
    "brief: { absolute: 24 * HOURS, idle: 2 * HOURS }",
  ],
  ["| kept 90 days |", "lib/session/limits.ts", "RETENTION = 90 * DAYS"],
  ["| 15 to 256 code points |", "lib/account/password-rules.ts", "MIN_PASSWORD_LENGTH = 15"],
  ["| 15 to 256 code points |", "lib/account/password-rules.ts", "MAX_PASSWORD_LENGTH = 256"],
  ["wrong passwords in a row before an account waits | 5 |", "lib/account/guessing.ts", "GUESSES = 5;"],
  ["30 seconds, doubled each time, 1 hour at most", "lib/account/guessing.ts", "FIRST_WAIT = 30 * SECONDS"],
  ["30 seconds, doubled each time, 1 hour at most", "lib/account/guessing.ts", "LONGEST_WAIT = 1 * HOURS"],
  ["after 100 wrong ones in a day", "lib/account/guessing.ts", "MOST_WAITS = 20"],
  ["| 500 in 15 minutes |", "lib/account/guessing.ts", "GUESSES_PER_ADDRESS = 500"],
  ["| 1,000 an hour |", "lib/account/guessing.ts", "SIGN_UPS_PER_ADDRESS = 1_000"],
  ["| 2, and 100 waiting; then 503 |", "lib/account/password.ts", "CONCURRENT_HASHES = 2"],
  ["| 2, and 100 waiting; then 503 |", "lib/account/password.ts", "LONGEST_QUEUE = 100"],
  ["| 16 KiB |", "lib/http/body.ts", "MAX_BODY = 16 * 1024"],
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
