import "server-only";
import { z } from "zod";
import { databaseUrlProblem } from "@/lib/database/url";
import {
  developmentSecretsIn,
  FRESH,
  introspectionClients,
  parseCookiePassword,
  passwordProblems,
  tokenKeyProblems,
} from "@/lib/env-secrets";
import { PRODUCT } from "@/lib/product";
import { defaultSender, SENDER, type Smtp, smtpUrlProblem } from "@/lib/smtp-url";
import { parseTokenKeys, type TokenKey } from "@/lib/token/keys";

// The only reader of process.env. Read on first use, not on import, so that an image builds without secrets.

/** Settings of this process, checked. Durations in milliseconds. */
export type Env = {
  production: boolean;
  /** The production build on localhost with development secrets (`npm run preview`). */
  preview: boolean;
  databaseUrl: string;
  databasePoolSize: number;
  /** For the queries of what is built on this; the gate's are cut sooner. */
  databaseQueryTimeout: number;
  gateQueryTimeout: number;
  /** Direct connection for LISTEN, where `databaseUrl` goes through a pooler. */
  feedDatabaseUrl: string;
  feed: boolean;
  lease: number;
  cachedSessions: number;
  publicOrigin: string;
  secure: boolean;
  tokenKeys: TokenKey[];
  /** iron-session's `password`: one string, or id → password with the highest id sealing. */
  cookiePassword: string | Record<string, string>;
  trustedProxyHops: number;
  /** Headers, in lower case, in which a proxy tells where a client is; joined in this order. */
  trustedLocationHeaders: string[];
  /** Header, in lower case, in which a proxy tells the id of a request. */
  trustedRequestIdHeader: string | null;
  /** For how long an idle connection is kept. */
  keepAlive: number;
  metricsToken: string | null;
  /** Secrets of the clients that may introspect tokens, by name. */
  introspectionClients: Map<string, string>;
  verifierPort: number;
  /** Processes of the verifier, each an instance of its own. */
  verifierWorkers: number;
  /** By which way mail leaves. For developers without `SMTP_URL` it stays in the outbox, which /dev/mail shows. */
  mail: ({ by: "smtp" } & Smtp) | { by: "outbox" } | { by: "nothing" };
  logLevel: "debug" | "info" | "error";
};

const flag = z.enum(["on", "off"]);
const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const publicOrigin = z
  .string(`is missing: the scheme and host that people see, such as https://app.example.com.`)
  .refine(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    "must be only a scheme and a host, without a path or a slash at the end.",
  )
  .refine((value) => {
    if (!URL.canParse(value)) return true;
    const { protocol, hostname } = new URL(value);
    return (
      protocol === "https:" ||
      (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname))
    );
  }, "must be https; http is accepted for localhost only.");

// RFC 9110, 5.6.2.
const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be the name of a header.")
  .toLowerCase();

const databaseUrl = z
  .string(
    "is missing: a PostgreSQL connection string. `npm run dev` and `npm run preview` bring their own database.",
  )
  .superRefine((value, context) => {
    const message = databaseUrlProblem(value);
    if (message) context.addIssue({ code: "custom", message });
  });

const schema = z.object({
  NODE_ENV: z.string().default("development"),
  LATCHKEY_PREVIEW: z.literal("1").optional(),
  DATABASE_URL: databaseUrl,
  DATABASE_POOL_SIZE: count(10, 1, 1000),
  DATABASE_QUERY_TIMEOUT_MS: count(10_000, 100, 3_600_000),
  GATE_QUERY_TIMEOUT_MS: count(1_000, 100, 60_000),
  FEED_DATABASE_URL: databaseUrl.optional(),
  FEED: flag.default("on"),
  LEASE_MS: count(2_000, 200, 60_000),
  CACHED_SESSIONS: count(100_000, 1, 100_000_000),
  PUBLIC_ORIGIN: publicOrigin,
  TOKEN_KEYS: z.string(`is missing: the private JWK Set that signs tokens. ${FRESH}`),
  COOKIE_PASSWORD: z.string(`is missing: it seals the cookies. ${FRESH}`),
  TRUSTED_PROXY_HOPS: count(0, 0, 16),
  TRUSTED_LOCATION_HEADERS: z
    .string()
    .default("")
    .transform((text) => text.split(",").map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== ""))
    .pipe(z.array(headerName)),
  TRUSTED_REQUEST_ID_HEADER: headerName.optional(),
  KEEP_ALIVE_MS: count(75_000, 100, 3_600_000),
  SMTP_URL: z
    .string()
    .superRefine((value, context) => {
      const message = smtpUrlProblem(value);
      if (message) context.addIssue({ code: "custom", message });
    })
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(SENDER, "must be an address, or such as Latchkey <no-reply@example.com>.")
    .optional(),
  INTROSPECTION_CLIENTS: introspectionClients,
  VERIFIER_PORT: count(3_001, 0, 65_535),
  VERIFIER_WORKERS: count(1, 1, 256),
  METRICS_TOKEN: z.string().min(32, "must have 32 characters or more.").optional(),
  LOG_LEVEL: z.enum(["debug", "info", "error"]).default("info"),
});

function readEnv(): { env: Env } | { problems: string[] } {
  // An empty value in a .env file means "unset".
  const source = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(source);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  if (source.TOKEN_KEYS)
    problems.push(...tokenKeyProblems(source.TOKEN_KEYS).map((each) => `TOKEN_KEYS ${each}`));
  if (source.COOKIE_PASSWORD)
    problems.push(...passwordProblems(source.COOKIE_PASSWORD).map((each) => `COOKIE_PASSWORD ${each}`));
  const secure = source.PUBLIC_ORIGIN?.startsWith("https:") === true;
  const preview = source.LATCHKEY_PREVIEW === "1" && !secure;
  const production = source.NODE_ENV === "production";
  if (production && !preview && !source.SMTP_URL)
    problems.push(
      "SMTP_URL is missing: the server that takes mail, such as smtps://user:password@mail.example.com, or `off`.",
    );
  if (!parsed.success || problems.length > 0) return { problems };

  const { data } = parsed;
  if (production && !preview) {
    const names = developmentSecretsIn(data);
    if (names.length > 0)
      return { problems: names.map((name) => `${name} is a development secret. ${FRESH}`) };
  }

  const keys = parseTokenKeys(data.TOKEN_KEYS);
  if (!keys.ok) return { problems: keys.problems };
  return {
    env: {
      production,
      preview,
      databaseUrl: data.DATABASE_URL,
      databasePoolSize: data.DATABASE_POOL_SIZE,
      databaseQueryTimeout: data.DATABASE_QUERY_TIMEOUT_MS,
      gateQueryTimeout: data.GATE_QUERY_TIMEOUT_MS,
      feedDatabaseUrl: data.FEED_DATABASE_URL ?? data.DATABASE_URL,
      feed: data.FEED === "on",
      lease: data.LEASE_MS,
      cachedSessions: data.CACHED_SESSIONS,
      publicOrigin: data.PUBLIC_ORIGIN,
      secure,
      tokenKeys: keys.keys,
      cookiePassword: parseCookiePassword(data.COOKIE_PASSWORD),
      trustedProxyHops: data.TRUSTED_PROXY_HOPS,
      trustedLocationHeaders: data.TRUSTED_LOCATION_HEADERS,
      trustedRequestIdHeader: data.TRUSTED_REQUEST_ID_HEADER ?? null,
      keepAlive: data.KEEP_ALIVE_MS,
      metricsToken: data.METRICS_TOKEN ?? null,
      introspectionClients: data.INTROSPECTION_CLIENTS,
      verifierPort: data.VERIFIER_PORT,
      verifierWorkers: data.VERIFIER_WORKERS,
      mail: mailOf(data),
      logLevel: data.LOG_LEVEL,
    },
  };
}

function mailOf({
  SMTP_URL: url,
  MAIL_FROM: from,
  PUBLIC_ORIGIN: origin,
}: z.infer<typeof schema>): Env["mail"] {
  if (url === "off") return { by: "nothing" };
  return url ? { by: "smtp", url, from: from ?? defaultSender(PRODUCT.name, origin) } : { by: "outbox" };
}

/** What is missing, weak or wrong in the environment, a sentence each; empty when the app may start. */
export function checkEnv(): string[] {
  const result = readEnv();
  return "problems" in result ? result.problems : [];
}

/** How to log: known before the rest is checked, so that what is wrong with the rest can be logged. */
export function logSettings(): { json: boolean; level: Env["logLevel"] } {
  if (settings) return settings;
  const level = schema.shape.LOG_LEVEL.safeParse(process.env.LOG_LEVEL || undefined);
  settings = { json: process.env.NODE_ENV === "production", level: level.data ?? "info" };
  return settings;
}

let settings: ReturnType<typeof logSettings> | undefined;
let checked: Env | undefined;

/** Whether only developers look at this server: in development and in `npm run preview`. */
export function isForDevelopers(): boolean {
  return !env().production || env().preview;
}

/** The settings. Throws with every problem listed when one is missing or weak. */
export function env(): Env {
  if (checked) return checked;
  const result = readEnv();
  if ("problems" in result) throw new Error(`The settings are not right:\n- ${result.problems.join("\n- ")}`);
  checked = result.env;
  return checked;
}
