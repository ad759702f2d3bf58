// The devices of the tests: what a browser says, and what the app makes of it.

export type Kind = {
  userAgent: string;
  deviceType: string;
  browser: string;
  os: string;
  /** What the app calls it. */
  name: string;
};

export const CHROME_ON_MAC: Kind = {
  userAgent:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
  deviceType: "desktop",
  browser: "Chrome",
  os: "macOS",
  name: "Chrome on macOS",
};

export const SAFARI_ON_IPHONE: Kind = {
  userAgent:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  deviceType: "mobile",
  browser: "Safari",
  os: "iOS",
  name: "Safari on iOS",
};

export const FIREFOX_ON_WINDOWS: Kind = {
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
  deviceType: "desktop",
  browser: "Firefox",
  os: "Windows",
  name: "Firefox on Windows",
};
