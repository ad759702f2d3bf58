import { expect, test } from "vitest";
import { readMoment, spellMoment } from "@/lib/database/moment";

test.each([
  ["2026-11-26 02:30:00+00", "2026-11-26T02:30:00.000Z"],
  ["2026-11-26 11:30:00.5+09", "2026-11-26T02:30:00.500Z"],
  ["2026-11-25 23:00:00.123-03:30", "2026-11-26T02:30:00.123Z"],
  ["2026-11-26 08:15:00.123456+05:45", "2026-11-26T02:30:00.123Z"],
  ["1890-01-01 00:00:00-00:44:30", "1890-01-01T00:44:30.000Z"],
])("%s is read as the moment that it is", (text, moment) => {
  expect(readMoment(text)).toEqual(new Date(moment));
});

test.each([
  "26/11/2026 11:30:00 JST",
  "Thu Nov 26 11:30:00 2026 JST",
  "26.11.2026 11:30:00 JST",
  "2026-11-26 11:30:00",
  "infinity",
  "",
])("%j is not guessed at", (text) => {
  expect(() => readMoment(text)).toThrow(/cannot be read/);
});

test("a moment is spelled with its offset, in digits", () => {
  expect(spellMoment(new Date("2026-11-26T02:30:00.120Z"))).toBe("2026-11-26T02:30:00.120+00:00");
});
