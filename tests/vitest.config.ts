import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = join(import.meta.dirname, "..");

// As Next builds the server's half: here `server-only` is empty and React is the one for servers.
const conditions = ["react-server"];

const project = (name: string, setup: { setupFiles: string[]; globalSetup?: string[] }) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], ...setup },
});

export default defineConfig({
  root,
  resolve: { conditions, alias: { "@": root } },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    execArgv: ["--conditions=react-server"],
    // A test that hangs has failed; nothing here takes long, except where a test says so itself.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A test that is switched on alone would silence the others.
    allowOnly: false,
    // Many tests wait for leases and time-outs, so two share two processors well; more starve each other's servers.
    maxWorkers: 2,
    unstubEnvs: true,
    projects: [
      project("unit", { setupFiles: ["tests/support/setup-unit.ts"] }),
      project("integration", {
        setupFiles: ["tests/support/setup-integration.ts"],
        globalSetup: ["tests/support/global-database.ts"],
      }),
      project("http", {
        setupFiles: ["tests/support/setup-http.ts"],
        globalSetup: ["tests/support/global-database.ts", "tests/support/global-servers.ts"],
      }),
      project("race", {
        setupFiles: ["tests/support/setup-integration.ts"],
        globalSetup: ["tests/support/global-database.ts"],
      }),
    ],
  },
});
