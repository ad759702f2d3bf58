import "server-only";
import { env } from "./env";

/** Whether there is a page that shows every primitive: in development and in `npm run preview`. */
export function showDesign(): boolean {
  return !env().production || env().preview;
}
