import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { withConnection } from "@/scripts/database";
import { PASSWORD } from "../../support/people/people";
import type { Context } from "./context";
import { bearer } from "./http";
import { type Instance, ORIGIN, startInstance } from "./instance";
import { emailOf, populate, Signer } from "./population";
import { milliseconds, number, progress } from "./report";
import { median, quantile, shuffled } from "./statistics";

// What log-in and sign-up tell by the time they take, and what a flood of them does to others.

const SAMPLES = 200;
const CONNECTIONS = 150;
const FLOOD = 15_000;
const WRONG = "fourteen purple umbrellas";

// Several of a kind: after a hundred attempts an account is closed to strangers, and everybody is told so.
const DISABLED = [0, 1, 2].map(emailOf);
const WELL_USED = [5, 6, 7].map(emailOf);

let turns = 0;
const inTurn = (emails: string[]): string => {
  turns += 1;
  return emails[turns % emails.length] ?? "";
};

/** From which network a request seems to come. */
let networks = 0;
const freshNetwork = () => {
  networks += 1;
  return `10.${(networks >> 8) % 256}.${networks % 256}.1`;
};

type Answer = { status: number; took: number };
const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000 });

/** One request, timed. */
function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const request = http.request({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
      response.resume();
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, took: performance.now() - startedAt }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

const FORM = {
  origin: ORIGIN,
  "sec-fetch-site": "same-origin",
  accept: "application/json",
  "content-type": "application/x-www-form-urlencoded",
};

function post(
  port: number,
  path: string,
  email: string,
  password: string,
  network = freshNetwork(),
): Promise<Answer> {
  const body = new URLSearchParams({ email, password }).toString();
  return ask(port, "POST", path, { ...FORM, "x-forwarded-for": network }, body);
}

/** How far apart two samples are, in standard deviations of chance alone (Mann and Whitney's U). */
export function zScore(one: number[], other: number[]): number {
  const all = [...one.map((value) => ({ value, first: 1 })), ...other.map((value) => ({ value, first: 0 }))];
  all.sort((a, b) => a.value - b.value);
  const ranks = all.reduce((sum, { first }, index) => sum + first * (index + 1), 0);
  const [n, m] = [one.length, other.length];
  const u = ranks - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}

/** Whether the times of answers tell who has an account, and what becomes of others while one network floods. */
export async function attempts(context: Context): Promise<void> {
  const { stage, secrets, report } = context;
  const population = { people: 2_000, live: 1, ended: 0 };
  const databaseUrl = await stage.database();
  await populate(databaseUrl, population, "20");
  await withConnection(databaseUrl, async (client) => {
    await client.query("UPDATE users SET disabled_at = now() WHERE email = ANY($1)", [DISABLED]);
    // Accounts with 5,000 sessions that ended.
    await client.query("SET session_replication_role = replica");
    await client.query(
      `INSERT INTO sessions (user_id, kind, secret_hash, amr, auth_time, device_type, idle_seconds, created_at, expires_at, ended_at, ended_reason)
       SELECT u.id, 'api', sha256(convert_to(n::text, 'UTF8')), '{pwd}', now(), 'api', 7200, now() - interval '1 day', now(), now(), 'logout'
       FROM users u, generate_series(1, 5000) n WHERE u.email = ANY($1)`,
      [WELL_USED],
    );
  });
  // Nobody takes its mail: what would be told there takes no part in the answers.
  const env = { TRUSTED_PROXY_HOPS: "1", SMTP_URL: "smtp://127.0.0.1:9" };
  const instance = await startInstance({ databaseUrl, secrets, env });
  const signer = new Signer(secrets, population);
  await enumeration(context, instance, signer);
  await floods(context, instance, bearer(signer.caller(5).token));
  await instance.stop();
  report.text("Every request came from where the first proxy said (`TRUSTED_PROXY_HOPS=1`).");
}

async function enumeration({ report }: Context, { port }: Instance, signer: Signer): Promise<void> {
  let people = 10;
  const nobody = () => `nobody-${people++}@example.com`;
  const somebody = () => emailOf(people++ % 1_900);
  const locked = freshNetwork();
  for (const email of ["locked@example.com", emailOf(3)])
    for (let guess = 0; guess < 5; guess += 1) await post(port, "/api/auth/login", email, WRONG, locked);
  const fill = (email: string) => post(port, "/api/auth/login", email, WRONG);
  const json = { "content-type": "application/json" };
  const forget = (email: string) => {
    const headers = { ...json, "x-forwarded-for": freshNetwork() };
    return ask(port, "POST", "/api/auth/password/forgot", headers, JSON.stringify({ email }));
  };
  let callers = 0;
  const changeTo = (email: string) => {
    const headers = { ...json, ...bearer(signer.caller(callers++).token) };
    return ask(port, "POST", "/api/auth/email", headers, JSON.stringify({ email }));
  };
  const pairs: [string, () => Promise<Answer>, () => Promise<Answer>][] = [
    [
      "sign-up by form: a new address, a known one",
      () => post(port, "/api/auth/signup", nobody(), WRONG),
      () => post(port, "/api/auth/signup", somebody(), WRONG),
    ],
    ["log-in: an unknown address, a wrong password", () => fill(nobody()), () => fill(somebody())],
    [
      "log-in: an unknown address, an account with 5,000 sessions",
      () => fill(nobody()),
      () => fill(inTurn(WELL_USED)),
    ],
    [
      "log-in: an unknown address, a disabled account",
      () => fill(nobody()),
      // By a wrong password: to those who know the right one it is said.
      () => fill(inTurn(DISABLED)),
    ],
    [
      "log-in while it waits: an unknown address, a known one",
      () => post(port, "/api/auth/login", "locked@example.com", WRONG, locked),
      () => post(port, "/api/auth/login", emailOf(3), WRONG, locked),
    ],
    ["forgotten password: an unknown address, a known one", () => forget(nobody()), () => forget(somebody())],
    [
      "change of the email: to an unknown address, to one that is taken",
      () => changeTo(nobody()),
      () => changeTo(somebody()),
    ],
  ];
  report.heading("What the time of an answer tells");
  report.text(`${2 * SAMPLES} interleaved samples each; |z| below 2.5 is chance.`);
  const rows: string[][] = [];
  for (const [name, one, other] of pairs) {
    progress(name);
    const times: [number[], number[]] = [[], []];
    for (let sample = 0; sample < SAMPLES + 10; sample += 1)
      for (const which of shuffled([0, 1] as const)) {
        const { took } = await (which === 0 ? one() : other());
        if (sample >= 10) times[which].push(took);
      }
    const z = zScore(...times);
    rows.push([
      name,
      milliseconds(median(times[0])),
      milliseconds(median(times[1])),
      z.toFixed(1),
      Math.abs(z) < 2.5 ? "yes" : "NO",
    ]);
  }
  report.table(["answers", "first (p50)", "second (p50)", "z", "within"], rows);
}

async function floods(
  { report }: Context,
  { port }: Instance,
  someone: Record<string, string>,
): Promise<void> {
  report.heading("A flood of log-ins from one network");
  report.text(
    `${CONNECTIONS} connections, each asking again as soon as it is answered, for ${FLOOD / 1_000} s. Beside it, others sign in from ` +
      "networks of their own, one after the other, and one session is checked again and again.",
  );
  const verify = () => ask(port, "GET", "/api/auth/verify", someone);
  const rows: string[][] = [];
  const measured = async (name: string, flood: ((n: number) => Promise<Answer>) | null) => {
    progress(name);
    const until = performance.now() + FLOOD;
    const isOver = () => performance.now() > until;
    const answers = new Map<number, number>();
    const keepOn = async (connection: number) => {
      while (flood && !isOver()) {
        const { status } = await flood(connection);
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    };
    const logIns: Answer[] = [];
    const logInOthers = async () => {
      for (let person = 100; !isOver(); person += 1) {
        logIns.push(await post(port, "/api/auth/login", emailOf(person % 1_900), PASSWORD));
        await pause(100);
      }
    };
    const checks: number[] = [];
    const check = async () => {
      while (!isOver()) {
        checks.push((await verify()).took);
        await pause(5);
      }
    };
    await Promise.all([
      logInOthers(),
      check(),
      ...Array.from({ length: flood ? CONNECTIONS : 0 }, (_, n) => keepOn(n)),
    ]);
    const good = logIns.filter(({ status }) => status === 200).map(({ took }) => took);
    rows.push([
      name,
      [...answers]
        .sort()
        .map(([status, count]) => `${status}: ${number(count)}`)
        .join(", ") || "–",
      `${good.length} of ${logIns.length}`,
      milliseconds(median(good)),
      milliseconds(quantile(good, 0.95)),
      milliseconds(median(checks)),
      milliseconds(quantile(checks, 0.99)),
    ]);
  };
  await measured("nothing else", null);
  await measured("right passwords of 30 accounts", (n) =>
    post(port, "/api/auth/login", emailOf(1_950 + (n % 30)), PASSWORD, "192.0.2.1"),
  );
  await measured("wrong passwords of anybody", () =>
    post(port, "/api/auth/login", `flood-${Math.random()}@example.com`, WRONG, "198.51.100.1"),
  );
  await measured("sign-ups", () =>
    post(port, "/api/auth/signup", `flood-${Math.random()}@example.com`, WRONG, "203.0.113.1"),
  );
  report.table(["flood", "its answers", "others let in", "p50", "p95", "verify p50", "p99"], rows);
}
