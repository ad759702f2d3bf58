import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../../support/http/server";

// docs/extending.md, done. A fenced block that names a file is that file; a block of `diff` changes one; a block of `sh` is
// run.

export type Step =
  | { kind: "file"; path: string; text: string }
  | { kind: "change"; path: string; before: string; after: string }
  | { kind: "command"; line: string };

/** The steps of a document, in its order. */
export function stepsOf(markdown: string): Step[] {
  const blocks = markdown.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language = "", path, text = ""]): Step[] => {
    if (language === "sh") return commandsOf(text).map((line) => ({ kind: "command", line }));
    if (!path) return [];
    return [language === "diff" ? changeOf(path, text) : { kind: "file", path, text }];
  });
}

function commandsOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\s+#.*/, ""))
    .filter((line) => line !== "");
}

/** Lines with `-` go, lines with `+` come, and the others say where. */
function changeOf(path: string, text: string): Step {
  const lines = text.trimEnd().split("\n");
  const side = (sign: "-" | "+") =>
    lines
      .filter((line) => line === "" || line.startsWith(" ") || line.startsWith(sign))
      .map((line) => line.slice(1))
      .join("\n");
  return { kind: "change", path, before: side("-"), after: side("+") };
}

/** Writes or changes a file below `folder`. Throws where the text to be changed does not stand there exactly once. */
export async function apply(folder: string, step: Exclude<Step, { kind: "command" }>): Promise<void> {
  const file = join(folder, step.path);
  if (step.kind === "file") {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, step.text, { flag: "wx" });
    return;
  }
  const parts = (await readFile(file, "utf8")).split(step.before);
  if (parts.length !== 2)
    throw new Error(`${step.path} has this ${parts.length - 1} times, not once:\n${step.before}`);
  await writeFile(file, parts.join(step.after));
}

const LEFT_OUT = new Set([".git", ".next", "node_modules", "prisma/client", "tests/output"]);

/** A copy of the project as it stands, with its own node_modules. */
export async function copyProject(folder: string): Promise<void> {
  await cp(ROOT, folder, {
    recursive: true,
    filter: (source) => !LEFT_OUT.has(relative(ROOT, source).split("\\").join("/")),
  });
  // As links to the same files where the file system can: half a gigabyte otherwise.
  const modules = [join(ROOT, "node_modules"), join(folder, "node_modules")] as const;
  const isLinked = await run("cp", ["-al", ...modules], folder).then(
    () => true,
    () => false,
  );
  if (!isLinked) await cp(...modules, { recursive: true, verbatimSymlinks: true });
}

/** The lines that name a failed test, and the end. */
function whatFailed(output: string): string {
  const lines = stripVTControlCharacters(output).split("\n");
  const failed = lines.filter((line) => /^\s*(FAIL|✘|×)/.test(line));
  return [...new Set(failed), ...lines.slice(-30)].join("\n");
}

/** Runs a program, with what it prints shown only if it fails. */
export async function run(command: string, args: string[], folder: string): Promise<string> {
  const { PATH, HOME, TMPDIR, CHROME_PATH } = process.env;
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      PATH,
      NODE_ENV: "development",
      NEXT_TELEMETRY_DISABLED: "1",
      ...(HOME ? { HOME } : {}),
      ...(TMPDIR ? { TMPDIR } : {}),
      ...(CHROME_PATH ? { CHROME_PATH } : {}),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${whatFailed(output)}`);
  return output;
}
