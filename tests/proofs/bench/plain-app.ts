import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { isNewer } from "@/scripts/development/serve";
import { NEXT, plainEnvironment, ROOT } from "../../support/http/server";
import { type Instance, serve } from "./instance";

/** A Next app with one route handler and one page that do nothing, and nothing else: what Next itself costs. */
const FOLDER = join(import.meta.dirname, "plain-app");

const SOURCES = [
  join(FOLDER, "app"),
  join(FOLDER, "next.config.js"),
  join(ROOT, "node_modules", "next", "package.json"),
];

/** Starts the plain app, built first where that is due. */
export async function startPlainApp(): Promise<Instance> {
  if (!(await isNewer(join(FOLDER, ".next", "BUILD_ID"), SOURCES))) await build();
  return serve(FOLDER, [NEXT, "start"], {}, async ({ url }) => {
    // A process that has rendered a page answers everything slower from then on, by a tenth and more on Node 20: Next
    // has more contexts to carry through every promise. Ours renders pages, so this one renders one as well.
    const answers = [await fetch(`${url}/bare`), await fetch(`${url}/page`)];
    return answers.every(({ ok }) => ok);
  });
}

async function build(): Promise<void> {
  // By webpack: Turbopack looks for proxy.ts and instrumentation.ts in the folders above, too, and finds ours.
  const child = spawn(process.execPath, [NEXT, "build", "--webpack"], {
    cwd: FOLDER,
    env: plainEnvironment(),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("The plain app cannot be built.");
}
