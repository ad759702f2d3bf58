import { databaseServer } from "../database/database";

/** Makes sure that there is a PostgreSQL for this run; a run by hand starts one of its own. */
export default async function setup(): Promise<() => Promise<void>> {
  const { stop } = await databaseServer();
  return stop;
}
