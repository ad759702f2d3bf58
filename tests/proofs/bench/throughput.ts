import type { Context } from "./context";
import { stopInstances } from "./instance";
import type { LoadResult } from "./jobs";
import { megabytes, microseconds, milliseconds, number, progress, ratio } from "./report";
import { median, quantile, shuffled } from "./statistics";
import { type Case, prepareCases } from "./throughput-cases";

const CONNECTIONS = 32;
/** Requests of each kind before anything is measured. */
const WARM = 2_000;

type Slice = LoadResult & {
  /** Answers a second. */
  rate: number;
  /** Milliseconds of the server's processor time for an answer. */
  cost: number;
};

/** Of each slice: itself, and its rate and cost as ratios to those of the plain app just before and after. */
type Measured = { slice: Slice; rateRatio: number; costRatio: number };

/** What each kind of request costs, compared with a route handler that does nothing in a Next app that has nothing else. */
export async function throughput(context: Context): Promise<void> {
  const { report } = context;
  const { plain, cases } = await prepareCases(context);
  const ours = cases.find(({ instance }) => instance !== plain.instance)?.instance ?? plain.instance;
  const idle = await ours.weigh();
  const measured = await measure(context, plain, cases);
  const atLast = await ours.weigh();
  await stopInstances();

  report.heading("Throughput");
  report.text(
    `${CONNECTIONS} connections from a process of its own (log-in: 8). Each slice stands between two slices of “plain”, ` +
      "the one handler of the Next app in tests/proofs/bench/plain-app; a ratio is the median over the rounds, beside it the " +
      "middle half of the rounds. “Cost” is the server’s processor time for an answer: what else the machine does " +
      "disturbs it least, and 1 / cost is what the ratio would be on a machine of its own. Next itself takes a part of " +
      "it for parsing a cookie, as “plain, sent the cookie” shows.",
  );
  report.table(
    [
      "request",
      "ratio",
      "middle half",
      "goal",
      "cost",
      "1 / cost",
      "processor time",
      "a second",
      "p50",
      "p99",
      "answer",
    ],
    [plain, ...cases].map((each) => rowOf(each, measured.get(each) ?? [])),
  );
  for (const each of cases) {
    if (each.beside) report.text(compare(each, each.beside, measured));
  }
  report.text(
    `The server before and after: ${megabytes(idle.rss)} and ${megabytes(atLast.rss)} resident, ` +
      `${megabytes(idle.heapUsed)} and ${megabytes(atLast.heapUsed)} of heap in use.`,
  );
}

/** How a case stands to another one, each as measured against the plain app. */
function compare(each: Case, other: Case, measured: Map<Case, Measured[]>): string {
  const medianOf = (which: Case, part: (slice: Measured) => number) =>
    median((measured.get(which) ?? []).map(part));
  const rate = medianOf(each, ({ rateRatio }) => rateRatio) / medianOf(other, ({ rateRatio }) => rateRatio);
  const cost = medianOf(each, ({ costRatio }) => costRatio) / medianOf(other, ({ costRatio }) => costRatio);
  return `“${each.name}” to “${other.name}”: ${ratio(rate)} of its answers a second, × ${ratio(cost)} of its cost.`;
}

function rowOf({ name, goal }: Case, measured: Measured[]): string[] {
  const ratios = measured.map(({ rateRatio }) => rateRatio);
  const cost = median(measured.map(({ costRatio }) => costRatio));
  const slices = measured.map(({ slice }) => slice);
  const latencies = slices.flatMap(({ latencies }) => [...latencies]);
  const bytes = slices.reduce((total, slice) => total + slice.bytes, 0);
  return [
    name,
    ratio(median(ratios)),
    `${ratio(quantile(ratios, 0.25))}–${ratio(quantile(ratios, 0.75))}`,
    goal === undefined ? "" : `≥ ${goal}`,
    `× ${ratio(cost)}`,
    ratio(1 / cost),
    microseconds(median(slices.map(({ cost }) => cost))),
    number(median(slices.map(({ rate }) => rate))),
    milliseconds(quantile(latencies, 0.5)),
    milliseconds(quantile(latencies, 0.99)),
    `${number(bytes / latencies.length)} B`,
  ];
}

async function measure(context: Context, plain: Case, cases: Case[]): Promise<Map<Case, Measured[]>> {
  const measured = new Map<Case, Measured[]>([plain, ...cases].map((each) => [each, []]));
  const add = (each: Case, slice: Slice, around: Slice[]) => {
    const mean = (part: (slice: Slice) => number) =>
      around.reduce((total, other) => total + part(other), 0) / around.length;
    const ratios = {
      rateRatio: slice.rate / mean(({ rate }) => rate),
      costRatio: slice.cost / mean(({ cost }) => cost),
    };
    measured.get(each)?.push({ slice, ...ratios });
  };

  progress("warming up");
  for (const each of [plain, ...cases]) await warmUp(context, each);
  for (let round = 1; round <= context.rounds; round += 1) {
    progress(`round ${round} of ${context.rounds}`);
    let before = await takeSlice(context, plain);
    for (const each of shuffled(cases)) {
      const slice = await takeSlice(context, each);
      const after = await takeSlice(context, plain);
      add(each, slice, [before, after]);
      add(plain, after, [before]);
      before = after;
    }
  }
  return measured;
}

async function warmUp(
  { generator, quick }: Context,
  { instance, requests, once, isPage, status = 200 }: Case,
): Promise<void> {
  const job = { kind: "load", port: instance.port, connections: CONNECTIONS, status } as const;
  const some = requests();
  const count = (quick ? WARM / 4 : WARM) / (isPage ? 10 : 1);
  await generator.run({ ...job, requests: once ? some : times(count, some) });
}

const times = (count: number, requests: string[]) =>
  Array.from({ length: count }, (_, index) => requests[index % requests.length] ?? "");

/** Takes a slice of a second, or of a third of one when it must be quick. */
async function takeSlice(
  { generator, quick }: Context,
  { instance, requests, once = false, connections = CONNECTIONS, status = 200 }: Case,
): Promise<Slice> {
  const job = { kind: "load", port: instance.port, connections, requests: requests(), status } as const;
  const before = instance.processorTime();
  const result = await generator.run({ ...job, ...(once ? {} : { milliseconds: quick ? 350 : 1_000 }) });
  const answers = result.latencies.length;
  const cost = (instance.processorTime() - before) / answers;
  return { ...result, rate: answers / result.seconds, cost };
}
