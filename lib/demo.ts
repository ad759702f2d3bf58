import "server-only";
import { env } from "./env";

/** The accounts that `prisma/seed.ts` makes on a developer's machine. */
export const DEMO_USERS = [
  { email: "ada@example.com", name: "Ada" },
  { email: "bob@example.com", name: "Bob" },
] as const;

/** Known to everybody, so these accounts exist in development and in `npm run preview` only. */
export const DEMO_PASSWORD = "a demo password only";

/** Whether to tell people how to sign in with the demo accounts. */
export function showDemo(): boolean {
  return !env().production || env().preview;
}
