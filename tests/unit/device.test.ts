import { describe, expect, test } from "vitest";
import { describeDevice } from "@/lib/session/device";
import { defaultName } from "@/lib/session/session";

const MOZILLA = "Mozilla/5.0";
const KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)";

const BROWSERS: [string, string, string][] = [
  [
    "desktop",
    "Chrome on Windows",
    `${MOZILLA} (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/149.0.0.0 Safari/537.36`,
  ],
  [
    "desktop",
    "Chrome on macOS",
    `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${KHTML} Chrome/149.0.0.0 Safari/537.36`,
  ],
  ["desktop", "Chrome on Linux", `${MOZILLA} (X11; Linux x86_64) ${KHTML} Chrome/149.0.0.0 Safari/537.36`],
  [
    "desktop",
    "Chrome on Linux",
    `${MOZILLA} (X11; Linux x86_64) ${KHTML} HeadlessChrome/149.0.0.0 Safari/537.36`,
  ],
  [
    "desktop",
    "Chrome on ChromeOS",
    `${MOZILLA} (X11; CrOS x86_64 14541.0.0) ${KHTML} Chrome/149.0.0.0 Safari/537.36`,
  ],
  [
    "desktop",
    "Edge on Windows",
    `${MOZILLA} (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0`,
  ],
  [
    "desktop",
    "Opera on Windows",
    `${MOZILLA} (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/148.0.0.0 Safari/537.36 OPR/130.0.0.0`,
  ],
  [
    "desktop",
    "Firefox on Windows",
    `${MOZILLA} (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0`,
  ],
  [
    "desktop",
    "Firefox on Ubuntu",
    `${MOZILLA} (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0`,
  ],
  [
    "desktop",
    "Safari on macOS",
    `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
  ],
  [
    "mobile",
    "Safari on iOS",
    `${MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1`,
  ],
  [
    "tablet",
    "Safari on iOS",
    `${MOZILLA} (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1`,
  ],
  [
    "mobile",
    "Chrome on Android",
    `${MOZILLA} (Linux; Android 10; K) ${KHTML} Chrome/149.0.0.0 Mobile Safari/537.36`,
  ],
  [
    "mobile",
    "Samsung Browser on Android",
    `${MOZILLA} (Linux; Android 14; SM-S921B) ${KHTML} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  ],
  ["mobile", "Firefox on Android", `${MOZILLA} (Android 14; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0`],
];

test.each(BROWSERS)("a %s: %s", (type, name, userAgent) => {
  const device = describeDevice(userAgent, "browser");
  expect(device.deviceType).toBe(type);
  expect(defaultName({ ...device, kind: "browser" })).toBe(name);
});

describe("programs and strangers", () => {
  test.each([
    ["curl/8.5.0", "curl"],
    ["python-requests/2.32.3", "python-requests"],
    ["acme-sync/1.0 (linux)", "acme-sync on linux"],
    ["(nameless)", "API client"],
    ["", "API client"],
  ])("the program %j is called %s", (userAgent, name) => {
    const device = describeDevice(userAgent, "api");
    expect(device.deviceType).toBe("api");
    expect(defaultName({ ...device, kind: "api" })).toBe(name);
  });

  test("a browser that says nothing is an unknown device", () => {
    const device = describeDevice(null, "browser");
    expect(device).toEqual({ deviceType: "unknown", browser: null, os: null });
    expect(defaultName({ ...device, kind: "browser" })).toBe("Unknown device");
  });

  test("however long it is, little of it is kept", () => {
    for (const userAgent of ["x".repeat(100_000), `${MOZILLA} ${"(".repeat(50_000)}`, "a/".repeat(10_000)]) {
      const { browser, os, deviceType } = describeDevice(userAgent, "browser");
      for (const each of [browser, os, deviceType]) expect((each ?? "").length).toBeLessThanOrEqual(40);
    }
  });
});
