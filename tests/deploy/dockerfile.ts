import { spawnSync } from "node:child_process";
import { cp, mkdir, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";

// Enough of Docker to do what our Dockerfile says in a bare folder, where no Docker engine runs. An instruction that is not
// known here is an error, so that the two cannot drift apart.

type Instruction = { name: string; rest: string };
type Stage = { name: string; base: string; instructions: Instruction[] };

/** What a finished stage is: its files, and how it is run. */
export type Image = {
  folder: string;
  workdir: string;
  env: Record<string, string>;
  user: string | undefined;
  command: string[];
  health: string[];
};

const KNOWN = ["FROM", "WORKDIR", "ENV", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"];

/** The stages of a Dockerfile, in order. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (!KNOWN.includes(name))
      throw new Error(`The Dockerfile has an instruction that is not known: ${line}`);
    if (name !== "FROM") {
      stages.at(-1)?.instructions.push({ name, rest: rest.trim() });
      continue;
    }
    const [, base = "", stage = ""] = /^(\S+) AS (\S+)$/.exec(rest.trim()) ?? [];
    if (!stage) throw new Error(`A stage has no name: ${line}`);
    stages.push({ name: stage, base, instructions: [] });
  }
  return stages;
}

/** The program and arguments of an instruction in exec form. */
export function execForm(rest: string): string[] {
  const list: unknown = JSON.parse(rest.slice(rest.indexOf("[")));
  if (!Array.isArray(list) || !list.every((each) => typeof each === "string"))
    throw new Error(`Not in exec form: ${rest}`);
  return list;
}

const GLOB: Record<string, string> = { "**/": "(.+/)?", "*": "[^/]*" };

/** Whether a path of the context stays out of the image, by the rules of a .dockerignore. The last rule that fits counts. */
export function isIgnored(path: string, rules: string): boolean {
  if (path === "") return false;
  const parts = path.split("/");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let ignored = false;
  for (const line of rules.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const pattern = line.replace(/^!/, "");
    const glob = pattern
      .split(/(\*\*\/|\*)/)
      .map((piece) => GLOB[piece] ?? piece.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join("");
    if (paths.some((each) => new RegExp(`^${glob}$`).test(each))) ignored = !line.startsWith("!");
  }
  return ignored;
}

/** Does what the Dockerfile says. Every stage becomes a folder below `parent`. */
export async function buildImages(
  { context, dockerfile, ignore }: { context: string; dockerfile: string; ignore: string },
  parent: string,
  tell: (line: string) => void,
): Promise<Record<string, Image>> {
  const images: Record<string, Image> = {};
  for (const { name: stage, instructions } of parseDockerfile(dockerfile)) {
    const image: Image = {
      folder: join(parent, stage),
      workdir: "/",
      env: {},
      user: undefined,
      command: [],
      health: [],
    };
    await mkdir(image.folder, { recursive: true, mode: 0o755 });
    images[stage] = image;
    for (const { name, rest } of instructions) {
      if (name === "WORKDIR") {
        image.workdir = rest;
        await mkdir(join(image.folder, rest), { recursive: true });
      }
      if (name === "ENV") Object.assign(image.env, Object.fromEntries([rest.split("=")]));
      if (name === "USER") image.user = rest;
      if (name === "CMD") image.command = execForm(rest);
      if (name === "HEALTHCHECK") image.health = execForm(rest);
      if (name === "COPY") await copy(rest, image, images, context, ignore);
      if (name === "RUN") run(rest, image, tell);
    }
  }
  return images;
}

async function copy(
  rest: string,
  image: Image,
  images: Record<string, Image>,
  context: string,
  ignore: string,
): Promise<void> {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
  const paths = words.filter((word) => !word.startsWith("--"));
  const target = join(image.folder, image.workdir, paths.at(-1) ?? "");
  for (const path of paths.slice(0, -1)) {
    const source = from ? join(images[from]?.folder ?? "", path) : join(context, path);
    const intoFolder = paths.at(-1)?.endsWith("/") && (await stat(source)).isFile();
    const filter = (each: string) => from !== undefined || !isIgnored(relative(context, each), ignore);
    const to = intoFolder ? join(target, basename(path)) : target;
    await cp(source, to, { recursive: true, verbatimSymlinks: true, filter });
  }
}

function run(command: string, image: Image, tell: (line: string) => void): void {
  tell(`RUN ${command}`);
  const { status } = spawnSync("sh", ["-c", command], {
    cwd: join(image.folder, image.workdir),
    env: { ...outside(), ...image.env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error(`RUN ${command} failed.`);
}

/** What of our environment a build needs: how to find programs and the registry. */
export function outside(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(PATH|HOME|TMPDIR|npm_config_.*|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]));
}
