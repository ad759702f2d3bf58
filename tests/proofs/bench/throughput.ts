import type { Context } from "./context";
import { stopInstances } from "./instance";
import { megabytes, microseconds, milliseconds, number, ratio } from "./report";
import { CONNECTIONS, type Measured, measure } from "./slices";
import { median, quantile } from "./statistics";
import { type Case, prepareCases } from "./throughput-cases";

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
