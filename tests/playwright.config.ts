import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import { patience } from "./support/runner/slowness";
import { chromiumOptions } from "./support/screenshots/chromium";

export default defineConfig({
  testDir: "./e2e",
  outputDir: join(import.meta.dirname, "output"),
  globalSetup: "./support/runner/global-browser.ts",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  retries: 0,
  // Long enough for a machine that does much else: what is fast, the latency test measures.
  timeout: patience(90_000),
  expect: { timeout: patience(20_000) },
  use: {
    browserName: "chromium",
    launchOptions: chromiumOptions(),
  },
});
