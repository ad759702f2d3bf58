import { afterAll } from "vitest";
import { freshDatabase } from "../database/database";
import { freshSecrets, secretVariables } from "../people/secrets";
import { failOnComplaints } from "./complaints";
import { settingFor } from "./slowness";

// Every file gets a database of its own, and the app's code is told to use it.

Object.assign(process.env, {
  DATABASE_URL: await freshDatabase(),
  PUBLIC_ORIGIN: "https://app.example.com",
  LOG_LEVEL: "error",
  GATE_QUERY_TIMEOUT_MS: String(settingFor(3_000)),
  ...secretVariables(await freshSecrets()),
});

failOnComplaints();

afterAll(async () => {
  const { closeDatabase } = await import("@/lib/db");
  await closeDatabase();
});
