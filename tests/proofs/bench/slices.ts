import type { Context } from "./context";
import type { LoadResult } from "./jobs";
import { progress } from "./report";
import { shuffled } from "./statistics";
import type { Case } from "./throughput-cases";

/** Connections of a slice, unless a case says otherwise. */
export const CONNECTIONS = 32;
/** Requests of each kind before anything is measured. */
const WARM = 2_000;

export type Slice = LoadResult & {
  /** Answers a second. */
  rate: number;
  /** Milliseconds of the server's processor time for an answer. */
  cost: number;
};

/** Of each slice: itself, and its rate and cost as ratios to those of the plain case just before and after. */
export type Measured = { slice: Slice; rateRatio: number; costRatio: number };

/** Measures every case in slices of a second, each between two slices of `plain`, in another order in every round. */
export async function measure(context: Context, plain: Case, cases: Case[]): Promise<Map<Case, Measured[]>> {
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
