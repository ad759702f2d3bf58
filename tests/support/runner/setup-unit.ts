import { freshSecrets, secretVariables } from "../people/secrets";
import { failOnComplaints } from "./complaints";

// Plain settings. No test of this project reaches a database: the address leads nowhere.

Object.assign(process.env, {
  DATABASE_URL: "postgresql://nobody@127.0.0.1:9/nowhere",
  PUBLIC_ORIGIN: "https://app.example.com",
  LOG_LEVEL: "error",
  ...secretVariables(await freshSecrets()),
});

failOnComplaints();
