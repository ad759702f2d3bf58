import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { ROOT } from "./http/server";

// Who may import whom, in one table: docs/architecture.md draws it. The first room whose pattern fits is a file's own.

type Room = { name: string; files: RegExp; may: string[] };

const LIB = [
  "foundation",
  "database",
  "token",
  "revocation",
  "session",
  "streams",
  "mail",
  "account",
  "http",
  "current",
];

export const ROOMS: Room[] = [
  { name: "proxy", files: /^proxy\.ts$/, may: ["foundation", "http", "token", "ended"] },
  { name: "instrumentation", files: /^instrumentation\.ts$/, may: ["server"] },
  {
    name: "routes",
    files: /^app\/(api|\.well-known)\//,
    may: ["foundation", "database", "token", "session", "streams", "mail", "account", "http", "yours"],
  },
  {
    // No user id is asked for in these, so that nobody's data can be asked for by mistake.
    name: "pages",
    files: /^app\//,
    may: ["foundation", "views", "revoke", "next path", "password rules", "current", "yours"],
  },
  { name: "server", files: /^lib\/(server|instance|sweep)\.ts$/, may: [...LIB, "server", "views", "revoke"] },
  {
    // No Next, no accounts: what the gate takes, and node:http.
    name: "verifier",
    files: /^lib\/verifier\//,
    may: ["foundation", "database", "token", "session", "views", "http", "next path", "server"],
  },
  { name: "database", files: /^lib\/(db|audit)\.ts$/, may: ["foundation", "prisma"] },
  { name: "foundation", files: /^lib\/([\w-]+\.ts$|database\/|token\/keys\.ts$)/, may: [] },
  { name: "token", files: /^lib\/token\//, may: ["foundation", "prisma"] },
  { name: "ended", files: /^lib\/revocation\/ended\.ts$/, may: ["foundation"] },
  { name: "revocation", files: /^lib\/revocation\//, may: ["foundation", "database", "ended"] },
  { name: "views", files: /^lib\/session\/session\.ts$/, may: ["foundation", "prisma"] },
  {
    name: "revoke",
    files: /^lib\/session\/revoke\.ts$/,
    may: ["foundation", "database", "revocation", "ended", "views", "session", "prisma"],
  },
  {
    name: "session",
    files: /^lib\/session\//,
    may: ["foundation", "database", "token", "revocation", "ended", "views", "revoke", "prisma"],
  },
  {
    name: "streams",
    files: /^lib\/streams\//,
    may: ["foundation", "revocation", "session", "views"],
  },
  { name: "mail", files: /^lib\/mail\//, may: ["foundation", "database", "token", "prisma"] },
  { name: "password rules", files: /^lib\/account\/password\/password-rules\.ts$/, may: ["foundation"] },
  {
    name: "account",
    files: /^lib\/account\//,
    may: [
      "foundation",
      "database",
      "token",
      "session",
      "views",
      "revoke",
      "mail",
      "password rules",
      "prisma",
    ],
  },
  { name: "next path", files: /^lib\/http\/next-path\.ts$/, may: ["foundation"] },
  {
    name: "http",
    files: /^lib\/http\//,
    may: ["foundation", "database", "token", "session", "views", "revoke", "next path"],
  },
  {
    name: "current",
    files: /^lib\/current\//,
    may: ["foundation", "database", "token", "session", "views", "mail", "account", "http"],
  },
  {
    // What a clone adds: a folder of its own in lib/.
    name: "yours",
    files: /^lib\/[\w-]+\//,
    may: [
      "foundation",
      "database",
      "session",
      "views",
      "revoke",
      "streams",
      "mail",
      "account",
      "current",
      "prisma",
    ],
  },
  { name: "prisma", files: /^prisma\/client\//, may: [] },
];

// The table above names the small folders, so that pages may use a part of a larger one. A layer that may use the larger one may
// use its parts.
const PARTS: Record<string, string[]> = {
  session: ["views", "revoke"],
  http: ["next path"],
  account: ["password rules"],
  revocation: ["ended"],
};

export function roomOf(path: string): Room | undefined {
  return ROOMS.find(({ files }) => files.test(path));
}

/** What is wrong with an import of one file of the project by another, or null. */
export function complaint(from: string, to: string): string | null {
  const [importer, imported] = [roomOf(from), roomOf(to)];
  if (!importer) return `${from} is in no room of tests/support/layers.ts.`;
  if (!imported) return `${from} imports ${to}, which is in no room that others may import.`;
  const may = [importer.name, ...importer.may, ...importer.may.flatMap((name) => PARTS[name] ?? [])];
  return may.includes(imported.name)
    ? null
    : `${from} (${importer.name}) must not import ${to} (${imported.name}).`;
}

/** The files of the project that a file imports, types included, without their extension. */
export function importsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  const specifiers = text.matchAll(/(?:from|import|import\()\s*["']((?:@\/|\.{1,2}\/)[^"']+)["']/g);
  return [...specifiers].map(([, specifier = ""]) =>
    specifier.startsWith("@/") ? specifier.slice(2) : normalize(join(path, "..", specifier)),
  );
}
