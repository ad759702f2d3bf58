import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./server";

const FOLDER = join(ROOT, "app", "(account)");

/** The pages that only people with a session may see, as app/(account) has them. */
export function protectedPages(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name === "page.tsx")
    .map((entry) => entry.parentPath.slice(FOLDER.length).replaceAll("\\", "/"))
    .filter((path) => !path.includes("["))
    .sort();
}

/** What such a page answers to somebody without a role: those that ask for one refuse everybody else. */
export function statusWithoutRole(path: string): 200 | 403 {
  const source = readFileSync(join(FOLDER, path, "page.tsx"), "utf8");
  return /\brequireRole\(/.test(source) ? 403 : 200;
}
