import "server-only";
import { isForDevelopers } from "./env";

type DemoUser = { email: string; name: string; role: "user" | "admin" };

/** The accounts that `prisma/seed.ts` makes on a developer's machine. Empty the list, and the demo is gone. */
export const DEMO_USERS: DemoUser[] = [
  { email: "ada@example.com", name: "Ada", role: "admin" },
  { email: "bob@example.com", name: "Bob", role: "user" },
];

/** Known to everybody, so these accounts exist in development and in `npm run preview` only. */
export const DEMO_PASSWORD = "a demo password only";

/** Whether to tell people how to sign in with the demo accounts. */
export function showDemo(): boolean {
  return DEMO_USERS.length > 0 && isForDevelopers();
}
