import { describe, expect, test } from "vitest";
import { DAYS, HOURS, MINUTES, SECONDS } from "@/lib/time";
import { exactTime, relativeTime } from "@/lib/time-words";

const NOW = new Date("2026-11-24T12:00:00Z");

describe("relativeTime", () => {
  test.each([
    [0, "just now"],
    [400, "now"],
    [-9 * SECONDS, "just now"],
    [-10 * SECONDS, "10 seconds ago"],
    [-59 * SECONDS, "59 seconds ago"],
    [-2 * MINUTES, "2 minutes ago"],
    [-59 * MINUTES - 59 * SECONDS, "59 minutes ago"],
    [-1 * HOURS, "1 hour ago"],
    [-25 * HOURS, "yesterday"],
    [-29 * DAYS, "29 days ago"],
    [-31 * DAYS, "last month"],
    [-400 * DAYS, "last year"],
    [3 * DAYS, "in 3 days"],
    [30 * MINUTES, "in 30 minutes"],
  ])("says %i milliseconds as %s", (distance, words) => {
    expect(relativeTime(new Date(NOW.getTime() + distance), NOW, "en")).toBe(words);
  });
});

test("exactTime names the zone", () => {
  expect(exactTime(NOW, "en-GB", "UTC")).toBe("24 November 2026 at 12:00:00 UTC");
  expect(exactTime(NOW, "en-GB", "Asia/Tokyo")).toContain("21:00:00");
});
