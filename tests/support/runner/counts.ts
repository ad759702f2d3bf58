import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { ROOT } from "../http/server";

// How many tests ran, from the runners' own reports. What a runner finds wrong outside of any test (a file that does
// not load, a promise that nobody awaited, no report at all) counts as a failure.

export type Count = { group: string; passed: number; failed: number; skipped: number; failures?: Failure[] };

/** A test that failed, and the first lines of why: a long log is often cut to its end, and the counts stand there. */
export type Failure = { file: string; test: string; reason: string };

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

const playwrightSpecs = z.array(
  z.object({
    title: z.string(),
    file: z.string(),
    ok: z.boolean(),
    tests: z.array(
      z.object({
        results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
      }),
    ),
  }),
);

const playwrightSuite = z.object({
  specs: playwrightSpecs,
  get suites() {
    return z.array(playwrightSuite).optional();
  },
});

const playwrightReport = z.object({
  suites: z.array(playwrightSuite),
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
    const failures = [
      ...broken.map(({ name, message }) => failure(name, "(the whole file)", message)),
      ...files.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(({ status }) => status === "failed")
          .map((test) => failure(name, test.fullName, test.failureMessages?.[0])),
      ),
    ];
    return { group, passed, failed, skipped: tests.length - passed - count("failed"), failures };
  });
  return blame(
    counts.filter(({ passed, failed }) => passed + failed > 0),
    "vitest",
    exitCode,
  );
}

const LINES_OF_A_REASON = 12;

function failure(file: string, test: string, reason = "no reason given"): Failure {
  const lines = stripVTControlCharacters(reason).split("\n").slice(0, LINES_OF_A_REASON);
  return { file: relative(ROOT, file), test, reason: lines.join("\n") };
}

/** The project of a test file: the folder below `tests`, of which the long race has one of its own. */
function groupOf(file: string): string {
  const [, group = ""] = new RegExp(`\\${sep}tests\\${sep}(\\w+)`).exec(file) ?? [];
  return file.includes(`${sep}proofs${sep}race${sep}`) ? "race" : group;
}

export async function readPlaywright(file: string, exitCode: number): Promise<Count[]> {
  const report = await readReport(file, playwrightReport);
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  const count = {
    group: "e2e",
    passed: expected,
    failed: unexpected + flaky,
    skipped,
    failures: failedSpecs(report?.suites),
  };
  return blame([count], "playwright", exitCode);
}

function failedSpecs(suites: z.infer<typeof playwrightSuite>[] = []): Failure[] {
  return suites.flatMap(({ specs, suites: inner }) => [
    ...specs
      .filter(({ ok }) => !ok)
      .map(({ file, title, tests }) => {
        const errors = tests.flatMap(({ results }) => results.map(({ error }) => error?.message));
        return failure(join(ROOT, "tests", "e2e", file), title, errors.find(Boolean));
      }),
    ...failedSpecs(inner),
  ]);
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
