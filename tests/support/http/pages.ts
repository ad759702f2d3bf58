import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./server";

/** The pages that only people with a session may see, as app/(account) has them. */
export function protectedPages(): string[] {
  return readdirSync(join(ROOT, "app", "(account)"), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name === "page.tsx")
    .map((entry) => entry.parentPath.slice(join(ROOT, "app", "(account)").length).replaceAll("\\", "/"))
    .filter((path) => !path.includes("["))
    .sort();
}
