import { PLACE } from "../runner/global-browser";
import type { SharedServer } from "../runner/global-servers";

/** The server of the browser tests. */
export function place(): SharedServer {
  return JSON.parse(process.env[PLACE] ?? "") as SharedServer;
}
