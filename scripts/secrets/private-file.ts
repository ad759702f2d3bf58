import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { newMark } from "../development/processes";
import { codeOf } from "../problem";

/**
 * The content of a file that only its owner may read; `make` writes it when there is none.
 * Of two processes that start at once one writes, and both read the same.
 */
export async function readOrCreate(path: string, make: () => Promise<string>): Promise<string> {
  const existing = await readPrivate(path);
  if (existing !== undefined) return existing;

  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${newMark()}`;
  try {
    await writeFile(draft, await make(), { mode: 0o600, flag: "wx" });
    // A link, not a rename: it never replaces what another process was quicker to write.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, "utf8");
}

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    await chmod(path, 0o600);
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
