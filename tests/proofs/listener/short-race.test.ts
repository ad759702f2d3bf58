import { expect, test } from "vitest";
import { patience, settingFor } from "../../support/runner/slowness";
import { race, summary } from "../race/race";

// The short version; the long one is tests/proofs/race/race.test.ts.

test("checks under every fault: none that begins after the answer to an ending accepts", async () => {
  const world = await race({
    checks: 20_000,
    rounds: 1,
    longest: patience(9_000),
    least: 100,
    leaseMs: settingFor(600),
    pace: 0.4,
    quiet: 200,
  });
  console.log(summary(world));
  expect(world.violations).toEqual([]);
  expect(world.counted("accepted")).toBeGreaterThanOrEqual(100);
  expect(world.counted("refused")).toBeGreaterThanOrEqual(100);
});
