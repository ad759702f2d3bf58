import { expect, test } from "vitest";
import { settingFor } from "../../support/runner/slowness";
import { FAULTS } from "./faults";
import { race } from "./race";

// `npm run test:race`; RACE_CHECKS sets the number of checks. The short race is in tests/proofs/listener/short-race.test.ts.

const CHECKS = Number(process.env.RACE_CHECKS ?? 1_000_000);
const ROUNDS = 3;
const HOURS = 60 * 60 * 1_000;

test(
  `${CHECKS.toLocaleString("en")} checks under all faults: none that begins after the answer to an ending accepts`,
  async () => {
    const world = await race({
      checks: CHECKS,
      rounds: ROUNDS,
      longest: 2 * HOURS,
      least: 0,
      leaseMs: settingFor(1_000),
      pace: 1,
      quiet: 4_000,
      report: (line) => console.log(line),
    });
    expect(world.violations).toEqual([]);
    expect(world.counted("checks")).toBeGreaterThanOrEqual(CHECKS);
    for (const kind of Object.keys(FAULTS))
      expect(world.counted(`fault: ${kind}`)).toBeGreaterThanOrEqual(ROUNDS);
  },
  2.1 * HOURS,
);
