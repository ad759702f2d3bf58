import "server-only";
import { format as inWords } from "node:util";
import { logSettings } from "./env";
import { singleton } from "./singleton";

// One JSON object a line in production, for machines; short lines in development, for people. Lines are collected and
// written together, since a write per request costs more than a check of a session. Secrets are kept out by callers
// passing ids only, and once more by `clean`. Not pino: docs/decisions/0020-a-log-of-our-own.md.

type Fields = Record<string, unknown>;

const RANK = { debug: 0, info: 1, error: 2 };
type Level = keyof typeof RANK;
const FLUSH_AFTER = 50;

// A token or a seal that slipped into a text, for instance inside an error message: what each begins with, and the whole.
// None goes beyond a quotation mark or its backslash, so that what is JSON stays JSON.
const CREDENTIALS = [
  ["eyJ", /eyJ[\w-]{10,}(\.[\w-]*)*/g],
  ["Fe26.2*", /Fe26\.2\*[^\s"\\]+/g],
  ["$argon2", /\$argon2[^\s"\\]+/g],
  ["postgres", /postgres(ql)?:\/\/[^\s"\\]+/g],
] as const;

// Next bundles routes and instrumentation separately, and the last flush must write the lines of both.
type Pending = { lines: string[]; timer: ReturnType<typeof setTimeout> | undefined };
const pending = singleton("log", (): Pending => ({ lines: [], timer: undefined }));

function clean(text: string): string {
  let cleaned = text;
  // Nearly no line holds a beginning, and to look for those costs far less than to look for the whole.
  for (const [beginning, whole] of CREDENTIALS)
    if (cleaned.includes(beginning)) cleaned = cleaned.replace(whole, "[removed]");
  return cleaned;
}

/** An error as plain members, since JSON would drop all of them. */
function describe(error: Error): Fields {
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause instanceof Error ? { cause: describe(cause) } : {}) };
}

let stamped = 0;
let stamp = "";

/** The time in RFC 3339. Spelling it out costs as much as the rest of a line, and many lines share a millisecond. */
function timestamp(): string {
  const now = Date.now();
  if (now !== stamped) {
    stamped = now;
    stamp = new Date(now).toISOString();
  }
  return stamp;
}

function format(level: Level, event: string, fields: Fields): string {
  const { error } = fields;
  if (logSettings().json) {
    const described = error instanceof Error ? { ...fields, error: describe(error) } : fields;
    const members = JSON.stringify(described).slice(1);
    // An event is a name of ours: there is nothing in it to escape.
    const head = `{"time":"${timestamp()}","level":"${level}","event":"${event}"`;
    return members === "}" ? `${head}}` : `${head},${members}`;
  }
  const words = Object.entries(fields)
    .filter(([name]) => name !== "error")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [event, ...words, error instanceof Error ? error.stack : ""].join(" ").trimEnd();
}

function write(level: Level, event: string, fields: Fields = {}): void {
  if (RANK[level] < RANK[logSettings().level]) return;
  const waiting = pending();
  waiting.lines.push(clean(format(level, event, fields)));
  waiting.timer ??= setTimeout(flushLog, FLUSH_AFTER);
}

/**
 * From now on what Next and others write to the console about failures is part of this log, where it is for machines:
 * one line for each, and cleaned.
 */
export function captureConsole(): void {
  if (!logSettings().json) return;
  console.warn = (...words: unknown[]) => log.info("console", { message: inWords(...words) });
  console.error = (...words: unknown[]) => log.error("console", { message: inWords(...words) });
}

/** Writes what was collected; call it last before the process ends. */
export function flushLog(): void {
  const waiting = pending();
  clearTimeout(waiting.timer);
  waiting.timer = undefined;
  if (waiting.lines.length === 0) return;
  console.log(waiting.lines.join("\n"));
  waiting.lines = [];
}

/** `event` is a stable name in snake_case; fields carry ids, never credentials. */
export const log = {
  debug: (event: string, fields?: Fields) => write("debug", event, fields),
  info: (event: string, fields?: Fields) => write("info", event, fields),
  error: (event: string, fields?: Fields) => write("error", event, fields),
};
