import { withConnection } from "@/scripts/database";
import { PASSWORD } from "../../support/people/people";
import type { Context } from "./context";
import { bearer, jsonRequestBytes, requestBytes } from "./http";
import { type Instance, startInstance } from "./instance";
import { startPlainApp } from "./plain-app";
import { emailOf, populate, Signer } from "./population";
import { progress } from "./report";

/** Something to measure, a slice at a time. `requests` gives what to send: fresh for each slice, or always the same. */
export type Case = {
  name: string;
  instance: Instance;
  requests(): string[];
  /** Each request once, instead of repeating them for the time of a slice. */
  once?: boolean;
  connections?: number;
  isPage?: boolean;
  /** The ratio to the plain app that it is meant to reach. */
  goal?: number;
  /** What it answers, if not 200. */
  status?: number;
  /** What it is compared with as well: the plain app sent the same headers, or the smallest page. */
  beside?: Case;
};

const HASHING_CONNECTIONS = 8;
/** Live sessions of the one whose list is asked for. */
const LISTED = 11;
const VERIFY = "/api/auth/verify";

// As a browser asks for a page, apart from the cookie.
const PAGE = {
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language": "en-GB,en;q=0.9",
  "User-Agent":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
};

const get = (path: string, headers: Record<string, string> = {}) => {
  const requests = [requestBytes("GET", path, headers)];
  return () => requests;
};

/** Starts two servers over one database, with the feed and without, and a plain app, and says what to ask them. */
export async function prepareCases({
  stage,
  secrets,
  quick,
  rounds,
}: Context): Promise<{ plain: Case; cases: Case[] }> {
  const perSlice = quick ? 600 : 2_000;
  // For each slice and for warming up; the last ones are for what is asked again and again.
  const people = (rounds + 1) * perSlice + 1_000;
  const population = { people, live: 5, ended: 5 };
  progress(`${people * 10} sessions`);
  const databaseUrl = await stage.database();
  // The first live session of everybody is in use; the others were last seen a while ago.
  const seenAgo = `CASE WHEN n < ${people * 6} THEN 20 ELSE 120 + (n * 7919) % 400000 END`;
  await populate(databaseUrl, population, seenAgo);
  const instance = await startInstance({ databaseUrl, secrets });
  const plainApp = await startPlainApp();
  const withoutFeed = await startInstance({ databaseUrl, secrets, env: { FEED: "off" } });

  const signer = new Signer(secrets, population);
  const fresh = (first: number) => {
    let next = first;
    return () => {
      const callers = signer.callers(next, perSlice);
      next += perSlice;
      return callers.map(({ token }) => requestBytes("GET", VERIFY, bearer(token)));
    };
  };
  let logins = 0;
  const logIns = () =>
    Array.from({ length: quick ? 24 : 60 }, () => {
      logins += 1;
      const email = emailOf(people - 2 - (logins % 500));
      return jsonRequestBytes("/api/auth/login", { email, password: PASSWORD });
    });

  const someone = signer.caller(people - 1);
  const token = bearer(someone.token);
  const cookie = await signer.cookie(someone);
  const page = { ...PAGE, ...cookie };
  await addSessions(databaseUrl, someone.sessionId, LISTED - population.live);
  const plainWithToken = {
    name: "plain, sent the token",
    instance: plainApp,
    requests: get("/bare", token),
  };
  const plainWithCookie = {
    name: "plain, sent the cookie",
    instance: plainApp,
    requests: get("/bare", cookie),
  };
  // What Next and React need for any page.
  const smallest = {
    name: "the smallest page (404)",
    instance,
    requests: get("/not-here", page),
    isPage: true,
    status: 404,
  };
  const cases: Case[] = [
    plainWithToken,
    plainWithCookie,
    { name: "/api/health/live", instance, requests: get("/api/health/live"), goal: 0.95 },
    { name: "verify, Bearer", instance, requests: get(VERIFY, token), goal: 0.9, beside: plainWithToken },
    {
      name: "verify, cookie",
      instance,
      requests: get(VERIFY, cookie),
      goal: 0.9,
      beside: plainWithCookie,
    },
    { name: "verify, new here, in use elsewhere", instance, requests: fresh(0), once: true, goal: 0.5 },
    { name: "verify, new here, seen long ago", instance, requests: fresh(people), once: true, goal: 0.5 },
    { name: "verify, FEED=off", instance: withoutFeed, requests: get(VERIFY, token) },
    {
      name: `list of sessions (${LISTED} live)`,
      instance,
      requests: get("/api/auth/sessions", token),
      goal: 0.75,
    },
    smallest,
    {
      name: "page /sessions (11 live, 5 ended)",
      instance,
      requests: get("/sessions", page),
      isPage: true,
      beside: smallest,
    },
    {
      name: "  the same, compressed by Next",
      instance,
      requests: get("/sessions", { ...page, "Accept-Encoding": "gzip" }),
      isPage: true,
    },
    { name: "page /dashboard", instance, requests: get("/dashboard", page), isPage: true },
    { name: "page /login, nobody signed in", instance, requests: get("/login", PAGE), isPage: true },
    { name: "page /, nobody signed in", instance, requests: get("/", PAGE), isPage: true },
    {
      name: "log-in (password hash)",
      instance,
      requests: logIns,
      once: true,
      connections: HASHING_CONNECTIONS,
    },
  ];
  return { plain: { name: "plain", instance: plainApp, requests: get("/bare") }, cases };
}

/** Adds copies of a live session, each with an id and a secret of its own. */
async function addSessions(databaseUrl: string, sessionId: string, count: number): Promise<void> {
  await withConnection(databaseUrl, (client) =>
    client.query(
      `INSERT INTO sessions SELECT (jsonb_populate_record(original,
         jsonb_build_object('id', uuid_v7(), 'secret_hash', sha256(copy::text::bytea)::text))).*
       FROM sessions AS original, generate_series(1, $2) AS copy WHERE original.id = $1`,
      [sessionId, count],
    ),
  );
}
