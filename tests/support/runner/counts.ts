import { readFile } from "node:fs/promises";
import { sep } from "node:path";
import { z } from "zod";

// How many tests ran, from the runners' own reports. What a runner finds wrong outside of any test (a file that does
// not load, a promise that nobody awaited, no report at all) counts as a failure.

export type Count = { group: string; passed: number; failed: number; skipped: number };

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

/** A count for each of the projects. */
export async function readVitest(file: string, projects: string[], exitCode: number): Promise<Count[]> {
  const report = await readReport(file, vitestReport);
  const counts = projects.map((group) => {
    const files = report?.testResults.filter(({ name }) => groupOf(name) === group) ?? [];
    const tests = files.flatMap((each) => each.assertionResults);
    const count = (status: string) => tests.filter((test) => test.status === status).length;
    const broken = files.filter(
      ({ status, assertionResults }) =>
        status === "failed" && assertionResults.every((test) => test.status !== "failed"),
    );
    const [passed, failed] = [count("passed"), count("failed") + broken.length];
    return { group, passed, failed, skipped: tests.length - passed - count("failed") };
  });
  return blame(
    counts.filter(({ passed, failed }) => passed + failed > 0),
    "vitest",
    exitCode,
  );
}

/** The project of a test file: the folder below `tests`, of which the long race has one of its own. */
function groupOf(file: string): string {
  const [, group = ""] = new RegExp(`\\${sep}tests\\${sep}(\\w+)`).exec(file) ?? [];
  return file.includes(`${sep}proofs${sep}race${sep}`) ? "race" : group;
}

export async function readPlaywright(file: string, exitCode: number): Promise<Count[]> {
  const report = await readReport(file, playwrightReport);
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  const count = { group: "e2e", passed: expected, failed: unexpected + flaky, skipped };
  return blame([count], "playwright", exitCode);
}

/** A runner that failed without a failed test has failed all the same. */
function blame(counts: Count[], group: string, exitCode: number): Count[] {
  if (exitCode === 0 || counts.some(({ failed }) => failed > 0)) return counts;
  return [...counts, { group, passed: 0, failed: 1, skipped: 0 }];
}

async function readReport<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
