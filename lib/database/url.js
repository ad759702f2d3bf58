// Shared: lib/env.ts and the scripts check the URLs that they are given. JavaScript, as settings.js.
// @ts-check
import { SCHEMA, SETTINGS } from "./settings.js";

// What node-postgres takes from a URL is not what Prisma or libpq take from it. What would otherwise be dropped without
// a word is refused here where it says which rows are meant, and told where it does not.

/** The parameters that node-postgres reads, and two of Prisma's that mean nothing here. */
const KNOWN = new Set(
  `user password host port ssl sslmode sslcert sslkey sslrootcert sslnegotiation uselibpqcompat options application_name
   fallback_application_name client_encoding statement_timeout lock_timeout query_timeout
   idle_in_transaction_session_timeout schema pgbouncer`.split(/\s+/),
);

/**
 * A URL as node-postgres reads it: with an account, but no host, for a socket. Null when it is none.
 * @param {string} text
 */
function parse(text) {
  if (!/^postgres(ql)?:\/\//.test(text)) return null;
  const url = text.replace("@/", "@localhost/");
  return URL.canParse(url) ? new URL(url) : null;
}

/** How Prisma, Go's drivers and JDBC name a schema in a URL. */
const SCHEMA_PARAMETERS = ["schema", "search_path", "currentSchema"];

/**
 * What is wrong with a database URL, as a sentence without its subject; null when nothing is.
 * @param {string} text
 * @returns {string | null}
 */
export function databaseUrlProblem(text) {
  const url = parse(text);
  const [beforeQuery = ""] = text.replace(/^[^@]*@/, "").split("?");
  if (beforeQuery.includes(",") || url?.searchParams.get("host")?.includes(","))
    return "names several hosts, of which only one can be had: name the one that writes.";
  if (!url)
    return "must begin with postgresql:// and be a URL, such as postgresql://user:password@host/name.";
  for (const name of SCHEMA_PARAMETERS) {
    const schema = url.searchParams.getAll(name).find((each) => each !== "" && each !== SCHEMA);
    if (schema !== undefined)
      return `names the schema "${schema}" (?${name}=), but the tables are in the schema "${SCHEMA}": leave it out, and give the app a database of its own.`;
  }
  if (optionsOf(url).includes("search_path"))
    return `sets search_path (?options=), but the tables are in the schema "${SCHEMA}": leave it out, and give the app a database of its own.`;
  if (url.searchParams.has("replication"))
    return "asks for a replication connection (?replication=), which takes no ordinary queries: leave it out.";
  return null;
}

/**
 * The settings that `?options=` names, in lower case: `-c name=value`, `-cname=value` or `--name=value`.
 * @param {URL} url
 */
function optionsOf(url) {
  const options = url.searchParams.getAll("options").join(" ");
  return [...options.matchAll(/(?:^|\s)(?:-c\s*|--)([\w.-]+)=/g)].map(([, name = ""]) =>
    name.toLowerCase().replaceAll("-", "_"),
  );
}

/**
 * The parameters and options of a good URL that have no effect.
 * @param {string} text
 */
export function ignoredOf(text) {
  const url = parse(text);
  if (!url) return [];
  const pinned = new Set(Object.keys(SETTINGS).map((name) => name.toLowerCase()));
  return [
    ...[...url.searchParams.keys()].filter((name) => !KNOWN.has(name)),
    ...optionsOf(url).filter((name) => pinned.has(name)),
  ];
}
