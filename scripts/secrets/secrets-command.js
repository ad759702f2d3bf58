// @ts-check
import { constants, fchmodSync, fstatSync } from "node:fs";
import { open } from "node:fs/promises";
import { parseEnv } from "node:util";
import { codeOf, problem } from "../problem.js";
import { freshSecrets } from "./secrets.js";

const OTHERS = 0o077;

/**
 * `npm run secrets`: prints one set of fresh production secrets. With a path, it adds those that this .env file lacks.
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function secrets([path]) {
  const lines = Object.entries(freshSecrets()).map(([name, value]) => ({
    name,
    // Single quotes keep JSON whole in a .env file and in a shell.
    line: `${name}='${value}'\n`,
  }));
  if (path) {
    await addTo(path, lines);
    return 0;
  }
  closeOutput();
  for (const { line } of lines) process.stdout.write(line);
  return 0;
}

/**
 * @param {string} path
 * @param {{ name: string, line: string }[]} lines
 */
async function addTo(path, lines) {
  const file = await openPrivate(path);
  try {
    const text = await file.readFile("utf8");
    const set = parseEnv(text);
    const missing = lines.filter(({ name }) => !set[name]);
    for (const { name } of lines) if (set[name]) console.log(`${name} is set in ${path} already, and stays.`);
    if (missing.length === 0) return;
    // After an empty `NAME=`, as in a copy of .env.example, the later line counts.
    const separator = text === "" || text.endsWith("\n") ? "" : "\n";
    await file.appendFile(separator + missing.map(({ line }) => line).join(""));
    console.log(`Added ${missing.map(({ name }) => name).join(" and ")} to ${path}.`);
  } finally {
    await file.close();
  }
}

/**
 * Opens a file to read and append that nobody but its owner can read from now on.
 * @param {string} path
 */
async function openPrivate(path) {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600).catch((error) => {
    throw codeOf(error) === "ELOOP"
      ? problem(`${path} is a link. Name the file that it leads to.`, error)
      : error;
  });
  try {
    const { mode } = await file.stat();
    await file.chmod(mode & ~OTHERS & 0o777);
    if (isOpen(mode)) console.log(`${path} could be read by other accounts. Now it is yours alone.`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A shell that sends our output to a file makes it by its umask, for everybody to read. */
function closeOutput() {
  const output = fstatSync(process.stdout.fd);
  if (!output.isFile() || !isOpen(output.mode)) return;
  fchmodSync(process.stdout.fd, output.mode & ~OTHERS & 0o777);
  console.error("The file could be read by other accounts. Now it is yours alone.");
}

/**
 * @param {number} mode
 * @returns {boolean}
 */
function isOpen(mode) {
  return process.platform !== "win32" && (mode & OTHERS) !== 0;
}
