import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/runner/longest-first";
import { patience } from "./support/runner/slowness";

const root = join(import.meta.dirname, "..");

// As Next builds the server's half: here `server-only` is empty and React is the one for servers.
const conditions = ["react-server"];

type Setup = { include?: string[]; setupFiles: string[]; globalSetup?: string[] };

const project = (name: string, setup: Setup) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], ...setup },
});

export default defineConfig({
  root,
  resolve: { conditions, alias: { "@": root } },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    execArgv: ["--conditions=react-server"],
    // A test that hangs has failed. None takes this long, not even on a machine that does much else.
    testTimeout: patience(60_000),
    hookTimeout: patience(120_000),
    teardownTimeout: patience(30_000),
    expect: { poll: { timeout: patience(15_000) } },
    // A test that is switched on alone would silence the others.
    allowOnly: false,
    // Many tests wait for leases and time-outs, so three share two processors well; more starve each other's servers.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    unstubEnvs: true,
    projects: [
      project("unit", { setupFiles: ["tests/support/runner/setup-unit.ts"] }),
      project("integration", {
        setupFiles: ["tests/support/runner/setup-integration.ts"],
        globalSetup: ["tests/support/runner/global-database.ts"],
      }),
      project("http", {
        setupFiles: ["tests/support/runner/setup-http.ts"],
        globalSetup: ["tests/support/runner/global-database.ts", "tests/support/runner/global-servers.ts"],
      }),
      project("proofs", {
        include: ["tests/proofs/{protocol,listener}/**/*.test.ts"],
        setupFiles: ["tests/support/runner/setup-integration.ts"],
        globalSetup: ["tests/support/runner/global-database.ts"],
      }),
      project("race", {
        include: ["tests/proofs/race/**/*.test.ts"],
        setupFiles: ["tests/support/runner/setup-integration.ts"],
        globalSetup: ["tests/support/runner/global-database.ts"],
      }),
    ],
  },
});
