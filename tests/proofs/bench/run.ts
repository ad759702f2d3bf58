import { mkdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, isBuilt } from "@/scripts/development/serve";
import { ROOT } from "../../support/http/server";
import { attempts } from "./attempts";
import { openContext, type Section } from "./context";
import { endings } from "./endings";
import { fleet } from "./fleet";
import { stopInstances } from "./instance";
import { interactions } from "./interactions";
import { memory } from "./memory";
import { megabytes, progress, Report } from "./report";
import { scale } from "./scale";
import { sizes } from "./sizes";
import { soak } from "./soak";
import { setStage } from "./stage";
import { streams } from "./streams";
import { throughput } from "./throughput";
import { verifier } from "./verifier";

// npm run bench [-- <section>…] [--quick] [--rounds <n>]: measures the production build and writes tests/output/bench.md.

const SECTIONS: Record<string, Section> = {
  throughput,
  endings,
  sizes,
  interactions,
  memory,
  streams,
  scale,
  attempts,
  verifier,
  fleet,
};

/** Those that take long are measured only by name. */
const LONG: Record<string, Section> = { soak };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, rounds: { type: "string" } },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
const unknown = positionals.filter((name) => !(name in SECTIONS || name in LONG));
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(
    `Usage: npm run bench -- [${Object.keys({ ...SECTIONS, ...LONG }).join(" | ")}]… [--quick] [--rounds <n>]`,
  );
  process.exit(2);
}

async function measure(): Promise<void> {
  if (!(await isBuilt()) && (await build()) !== 0) throw new Error("The build failed.");

  const output = join(ROOT, "tests", "output");
  mkdirSync(output, { recursive: true });
  const report = new Report(join(output, "bench.md"));
  report.heading("Latchkey, measured", 1);
  report.text(
    `${new Date().toISOString()} · Node ${process.version} · ${cpus().length} × ${cpus()[0]?.model.trim()} · ` +
      `${megabytes(totalmem())} · ${process.platform} ${process.arch} · ${rounds} rounds${values.quick ? ", quick" : ""}\n\n` +
      "The production build on PostgreSQL that waits for its disk, all on one machine. Absolute numbers are of this " +
      "machine and of what else it did; ratios are to other answers in the same run.",
  );

  const stage = await setStage();
  const context = await openContext(stage, report, { quick: values.quick, rounds });
  closing = async () => {
    context.generator.stop();
    await stopInstances();
    await stage.close();
  };
  for (const [name, section] of Object.entries({ ...SECTIONS, ...LONG })) {
    if (positionals.length > 0 ? !positionals.includes(name) : name in LONG) continue;
    progress(name);
    const startedAt = performance.now();
    await section(context);
    progress(`${name} took ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
}

let closing = async () => {};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void closing().finally(() => process.exit(130)));
}

try {
  await measure();
} finally {
  await closing();
}
