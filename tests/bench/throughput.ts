import { PASSWORD } from "../support/people";
import type { Context } from "./context";
import { bearer, jsonRequestBytes, requestBytes } from "./http";
import { type Instance, startInstance } from "./instance";
import type { LoadResult } from "./jobs";
import { emailOf, populate, Signer } from "./population";
import { megabytes, milliseconds, number, progress, ratio } from "./report";
import { median, quantile, shuffled, sum } from "./statistics";

const CONNECTIONS = 32;
const HASHING_CONNECTIONS = 8;
const BARE = requestBytes("GET", "/api/health/live");
const VERIFY = "/api/auth/verify";

// As a browser asks for a page, apart from the cookie.
const PAGE = {
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language": "en-GB,en;q=0.9",
  "User-Agent":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
};

/** Something to measure, a slice at a time. `requests` gives what to send, fresh for each slice or always the same. */
type Case = {
  name: string;
  instance: Instance;
  requests(): string[];
  /** Each request once, instead of repeating them for the time of a slice. */
  once?: boolean;
  connections?: number;
};

type Slice = LoadResult & { processor: number };
type Measured = { ratios: number[]; costs: number[]; rates: number[]; latencies: number[]; bytes: number };

/** What each kind of request costs, compared with a route handler that does nothing. */
export async function throughput(context: Context): Promise<void> {
  const { stage, secrets, report, quick, rounds } = context;
  const perSlice = quick ? 600 : 2_000;
  const people = (rounds + 1) * perSlice + 1_000;
  const population = { people, live: 5, ended: 5 };
  progress(`${people * 10} sessions`);
  const databaseUrl = await stage.database();
  // The first live session of everybody is in use; the others were last seen a while ago.
  await populate(
    databaseUrl,
    population,
    `CASE WHEN n < ${people * 6} THEN 20 ELSE 120 + (n * 7919) % 400000 END`,
  );
  const main = await startInstance({ databaseUrl, secrets });
  const withoutFeed = await startInstance({ databaseUrl, secrets, env: { FEED: "off" } });

  const signer = new Signer(secrets, population);
  const fresh = (first: number) => {
    let next = first;
    return () => {
      next += perSlice;
      return signer
        .callers(next - perSlice, perSlice)
        .map(({ token }) => requestBytes("GET", VERIFY, bearer(token)));
    };
  };
  let logins = 0;
  const loginRequests = () =>
    Array.from({ length: quick ? 24 : 60 }, () => {
      logins += 1;
      return jsonRequestBytes("/api/auth/login", {
        email: emailOf(people - (logins % 500) - 1),
        password: PASSWORD,
      });
    });

  const someone = signer.caller(people - 1);
  const cookie = await signer.cookie(someone);
  const get = (path: string, headers: Record<string, string> = {}) => {
    const requests = [requestBytes("GET", path, headers)];
    return () => requests;
  };
  const cases: Case[] = [
    { name: "verify, Bearer", instance: main, requests: get(VERIFY, bearer(someone.token)) },
    { name: "verify, cookie", instance: main, requests: get(VERIFY, cookie) },
    { name: "verify, new to the instance, in use elsewhere", instance: main, requests: fresh(0), once: true },
    {
      name: "verify, new to the instance, seen long ago",
      instance: main,
      requests: fresh(people),
      once: true,
    },
    { name: "verify, FEED=off", instance: withoutFeed, requests: get(VERIFY, bearer(someone.token)) },
    {
      name: "GET /api/auth/sessions (5 live)",
      instance: main,
      requests: get("/api/auth/sessions", bearer(someone.token)),
    },
    {
      name: "page /sessions (5 live, 5 ended)",
      instance: main,
      requests: get("/sessions", { ...PAGE, ...cookie }),
    },
    {
      name: "  the same, compressed by Next",
      instance: main,
      requests: get("/sessions", { ...PAGE, ...cookie, "Accept-Encoding": "gzip" }),
    },
    { name: "page /login, nobody signed in", instance: main, requests: get("/login", PAGE) },
    { name: "page /, nobody signed in", instance: main, requests: get("/", PAGE) },
    {
      name: "log-in (password hash)",
      instance: main,
      requests: loginRequests,
      once: true,
      connections: HASHING_CONNECTIONS,
    },
  ];

  const idle = await main.weigh();
  const measured = await measure(context, main, cases);
  const atLast = await main.weigh();
  const bare = measured.get("bare");
  report.heading("Throughput");
  report.text(
    `${CONNECTIONS} connections from a process of its own (log-in: ${HASHING_CONNECTIONS}). Each slice stands between two ` +
      "slices of the bare handler; the ratio is the median over the rounds, with the lowest and highest round. “Cost” is " +
      "the server’s processor time for an answer, as a ratio to the bare one’s: what else the machine does disturbs it least.",
  );
  report.table(
    ["request", "ratio", "rounds", "cost", "a second", "p50", "p99", "answer"],
    [...measured].map(([name, each]) => [
      name,
      ratio(median(each.ratios)),
      `${ratio(Math.min(...each.ratios))}–${ratio(Math.max(...each.ratios))}`,
      `× ${ratio(median(each.costs) / median(bare?.costs ?? []))}`,
      number(median(each.rates)),
      milliseconds(quantile(each.latencies, 0.5)),
      milliseconds(quantile(each.latencies, 0.99)),
      `${number(each.bytes / each.latencies.length)} B`,
    ]),
  );
  report.text(
    `The server before and after: ${megabytes(idle.rss)} and ${megabytes(atLast.rss)} resident, ` +
      `${megabytes(idle.heapUsed)} and ${megabytes(atLast.heapUsed)} of heap in use.`,
  );
  await Promise.all([main.stop(), withoutFeed.stop()]);
}

async function measure(context: Context, main: Instance, cases: Case[]): Promise<Map<string, Measured>> {
  const bare: Case = { name: "bare", instance: main, requests: () => [BARE] };
  const measured = new Map<string, Measured>();
  for (const { name } of [bare, ...cases])
    measured.set(name, { ratios: [], costs: [], rates: [], latencies: [], bytes: 0 });
  const add = (name: string, slice: Slice, bareRate: number) => {
    const all = measured.get(name);
    const rate = slice.latencies.length / slice.seconds;
    all?.ratios.push(rate / bareRate);
    all?.costs.push(slice.processor / slice.latencies.length);
    all?.rates.push(rate);
    for (const latency of slice.latencies) all?.latencies.push(latency);
    if (all) all.bytes += slice.bytes;
  };

  for (const each of [bare, ...cases]) await takeSlice(context, each);
  for (let round = 1; round <= context.rounds; round += 1) {
    progress(`round ${round} of ${context.rounds}`);
    const bares = [await takeSlice(context, bare)];
    for (const each of shuffled(cases)) {
      const slice = await takeSlice(context, each);
      bares.push(await takeSlice(context, bare));
      const around = bares.slice(-2).map(({ latencies, seconds }) => latencies.length / seconds);
      add(each.name, slice, sum(around) / 2);
    }
    const usual = median(bares.map(({ latencies, seconds }) => latencies.length / seconds));
    for (const slice of bares) add("bare", slice, usual);
  }
  return measured;
}

async function takeSlice({ generator, quick }: Context, each: Case): Promise<Slice> {
  const { instance, once = false, connections = CONNECTIONS } = each;
  const requests = each.requests();
  const before = instance.processorTime();
  const length = once ? {} : { milliseconds: quick ? 350 : 1_000 };
  const result = await generator.run({
    kind: "load",
    port: instance.port,
    connections,
    requests,
    status: 200,
    ...length,
  });
  return { ...result, processor: instance.processorTime() - before };
}
