import { describe, expect, test } from "vitest";
import { EVERYTHING, filteredPath, passes, readFilter } from "@/app/(account)/sessions/_state/filter";
import { knownUntil, newsFor } from "@/app/(account)/sessions/_state/known";
import { distinguish, inOrder } from "@/app/(account)/sessions/_state/order";
import { firstRows, type Listing, nextRows, type Rows } from "@/app/(account)/sessions/_state/rows";
import type { Device, End } from "@/app/(account)/sessions/device-view";
import { DAYS, HOURS, MINUTES } from "@/lib/time";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const ago = (milliseconds: number) => new Date(NOW - milliseconds).toISOString();

function device(id: string, facts: Partial<Device> = {}): Device {
  return {
    id,
    name: id,
    suffix: null,
    customName: null,
    defaultName: "Chrome on macOS",
    isCurrent: false,
    isApi: false,
    form: "desktop",
    place: "Unknown place",
    address: "203.0.113.9",
    method: "password",
    signedInAt: ago(20 * DAYS),
    lastSeenAt: ago(1 * HOURS),
    endsAt: ago(-7 * DAYS),
    isSliding: true,
    ...facts,
  };
}

function end(id: string, facts: Partial<End> = {}): End {
  return { id, at: ago(0), reason: "logout", from: null, confirmedAt: null, needsReceipt: false, ...facts };
}

const listing = (others: Device[], more: Partial<Listing> = {}): Listing => ({
  others,
  ends: [],
  isWhole: true,
  now: NOW,
  ...more,
});

const namesOf = ({ shown }: Rows) => shown.map((row) => row.device.id + (row.end ? " ended" : ""));

describe("the rows of a visit", () => {
  const first = firstRows(listing([device("a"), device("b"), device("c")]));
  const listed = (rows: Rows, next: Listing, isBusy = false) =>
    nextRows(rows, { type: "listed", listing: next, isBusy });

  test("keep their places when others have been used since", () => {
    const rows = listed(first, listing([device("c", { lastSeenAt: ago(0) }), device("b"), device("a")]));
    expect(namesOf(rows)).toEqual(["a", "b", "c"]);
    expect(rows.shown[2]?.device.lastSeenAt).toBe(ago(0));
  });

  test("stay when their sessions end, explained or not, and are told of once", () => {
    const rows = listed(first, listing([device("c")], { ends: [end("a", { reason: "idle" })] }));
    expect(namesOf(rows)).toEqual(["a ended", "b ended", "c"]);
    expect(rows.shown.map((row) => row.end?.reason)).toEqual(["idle", null, undefined]);
    expect(rows.news.ended.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(listed(rows, listing([device("c")])).news.ended).toEqual([]);
  });

  test("of a list that is not whole end only when that is said", () => {
    expect(namesOf(listed(first, listing([device("c")], { isWhole: false })))).toEqual(["a", "b", "c"]);
  });

  test("that have ended come back to life by no list that was read before", () => {
    const rows = nextRows(first, { type: "ended", ends: [end("a")] });
    expect(namesOf(listed(rows, listing([device("a"), device("b"), device("c")])))).toEqual([
      "a ended",
      "b",
      "c",
    ]);
  });

  test("begin with what is new, unless somebody is at the list: then it waits, and is told of once", () => {
    const more = listing([device("a"), device("b"), device("c"), device("d")]);
    expect(namesOf(listed(first, more))).toEqual(["d", "a", "b", "c"]);
    const rows = listed(first, more, true);
    expect(namesOf(rows)).toEqual(["a", "b", "c"]);
    expect(rows.waiting.map(({ id }) => id)).toEqual(["d"]);
    expect(rows.news.added.map(({ id }) => id)).toEqual(["d"]);
    const again = listed(rows, more, true);
    expect(again.news.added).toEqual([]);
    expect(namesOf(nextRows(again, { type: "let in" }))).toEqual(["d", "a", "b", "c"]);
    expect(nextRows(again, { type: "let in" }).waiting).toEqual([]);
    // What ends while it waits was never shown, and is gone.
    expect(listed(rows, listing([device("a"), device("b"), device("c")]), true).waiting).toEqual([]);
  });
});

describe("the order of devices", () => {
  test("has new ones first, then those in use, then those used last", () => {
    const devices = [
      device("old", { lastSeenAt: ago(5 * DAYS) }),
      device("used", { lastSeenAt: ago(1 * HOURS) }),
      device("active", { lastSeenAt: ago(1 * MINUTES) }),
      device("new", { signedInAt: ago(6 * DAYS), lastSeenAt: ago(6 * DAYS) }),
    ];
    expect(inOrder(devices, NOW).map(({ id }) => id)).toEqual(["new", "active", "used", "old"]);
  });

  test("is by groups in a long list, and what was not used for 90 days comes last", () => {
    const many = Array.from({ length: 8 }, (_, index) => device(`${index}`));
    const devices = [
      device("forgotten", { isApi: true, lastSeenAt: ago(91 * DAYS) }),
      ...many,
      device("active", { lastSeenAt: ago(0) }),
    ];
    const { shown } = firstRows(listing(devices));
    expect(shown.map(({ group }) => group)).toEqual(["active", ...many.map(() => "earlier"), "forgotten"]);
  });
});

describe("devices of the same name", () => {
  const suffixes = (devices: Device[]) =>
    distinguish(devices, new Date(NOW), "en").map(({ suffix }) => suffix);
  const twin = (id: string, facts: Partial<Device>) => device(id, { name: "Twin", ...facts });

  test.each<[by: string, one: Partial<Device>, other: Partial<Device>, suffixes: (string | null)[]]>([
    ["place", { place: "Porto, PT" }, { place: "Lisbon, PT" }, ["Porto, PT", "Lisbon, PT"]],
    ["address", { address: "203.0.113.1" }, {}, ["203.0.113.1", "203.0.113.9"]],
    ["the time of their sign-in", { signedInAt: ago(3 * DAYS) }, {}, ["3 days ago", "20 days ago"]],
    ["case alone", { name: "twin", place: "Porto, PT" }, {}, ["Porto, PT", "Unknown place"]],
    ["their names", { name: "Another" }, {}, [null, null]],
  ])("are told apart by %s", (_, one, other, expected) => {
    expect(suffixes([twin("a", one), twin("b", other)])).toEqual(expected);
  });

  test("are told apart by minutes, or by seconds, if by nothing else", () => {
    const twins = (seconds: number) =>
      suffixes([
        twin("a", { signedInAt: ago(20 * DAYS + seconds * 1_000) }),
        twin("b", { signedInAt: ago(20 * DAYS + 1_000) }),
      ]);
    expect(twins(61)).toEqual(["Nov 4, 11:58 AM UTC", "Nov 4, 11:59 AM UTC"]);
    const [one, other] = twins(2);
    expect(one).not.toBe(other);
    expect(one).toMatch(/^11:59:58\sAM UTC$/);
  });
});

describe("the filter", () => {
  test("reads what the address says, ignores the rest, and writes it again", () => {
    expect(readFilter({ kind: "api", words: "curl" })).toEqual({ kind: "api", words: "curl" });
    expect(readFilter({ kind: "toString", words: ["a", "b"] })).toEqual(EVERYTHING);
    expect(filteredPath(EVERYTHING)).toBe("/sessions");
    expect(filteredPath({ kind: "browser", words: "a b" })).toBe("/sessions?kind=browser&words=a+b");
  });

  test("finds every word, in any order and case, in the name, the place or the address", () => {
    const phone = device("Ada’s Phone", { place: "Porto, PT" });
    for (const words of ["", "  ", "PHONE ada", "porto", "203.0 phone", "macos"])
      expect(passes(phone, { kind: "all", words }), words).toBe(true);
    expect(passes(phone, { kind: "all", words: "porto tablet" })).toBe(false);
    expect(passes(phone, { kind: "api", words: "" })).toBe(false);
    expect(passes(device("curl", { isApi: true }), { kind: "api", words: "" })).toBe(true);
  });
});

describe("news of sign-ins", () => {
  const here = device("here", { isCurrent: true, signedInAt: ago(5 * DAYS) });
  const rows = firstRows(
    listing([
      device("before", { signedInAt: ago(6 * DAYS) }),
      device("later", { signedInAt: ago(4 * DAYS) }),
      device("latest", { signedInAt: ago(1 * DAYS) }),
    ]),
  ).shown;
  const news = (cookie: string | null) => newsFor(here, rows, cookie).map((row) => row.device.id);

  test("are what has signed in since this device did, latest first, until it is known", () => {
    expect(news(null)).toEqual(["latest", "later"]);
    expect(news(knownUntil(here, ago(4 * DAYS)))).toEqual(["latest"]);
    expect(news(knownUntil(here, ago(1 * DAYS)))).toEqual([]);
  });

  test("are hidden by no cookie of another session, nor by one that is none", () => {
    expect(news(knownUntil({ id: "other" }, ago(0)))).toEqual(["latest", "later"]);
    for (const cookie of ["", ".", "here", "here.", "here.x", "here.99999999999999999"])
      expect(news(cookie), cookie).toEqual(["latest", "later"]);
  });
});
