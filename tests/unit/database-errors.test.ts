import { describe, expect, test } from "vitest";
import { isUnavailable, isWorthAnotherTry, NoConnection, SQLSTATES } from "@/lib/database/errors";

// Which errors are a 503. Those that a real PostgreSQL can be brought to are in tests/integration/database-trouble.test.ts.

const coded = (code: string, more: object = {}) => Object.assign(new Error("Something."), { code, ...more });

/** An error of PostgreSQL's as it comes out of the Prisma client. */
const throughPrisma = (originalCode: string) =>
  Object.assign(new Error("Invalid invocation."), {
    code: "P2010",
    meta: { driverAdapterError: { cause: { originalCode, kind: "postgres" } } },
  });

describe("what PostgreSQL says of its own trouble", () => {
  const examples = Object.keys(SQLSTATES)
    .filter((code) => code !== "0A000")
    .map((code) => code.padEnd(5, "0"));

  test.each([
    ...examples,
    "08006",
    "08P01",
    "28P01",
    "40003",
    "53100",
    "53300",
    "57014",
    "57P01",
    "57P05",
    "58030",
    "XX001",
  ])("%s is a 503, from the driver and through Prisma", (code) => {
    expect(isUnavailable(coded(code))).toBe(true);
    expect(isUnavailable(throughPrisma(code))).toBe(true);
  });

  test("0A000 is one where a migration has outdated a prepared statement, and tried again; otherwise it is a mistake", () => {
    const outdated = coded("0A000", { routine: "RevalidateCachedQuery" });
    expect([isUnavailable(outdated), isWorthAnotherTry(outdated)]).toEqual([true, true]);
    const unsupported = coded("0A000", { routine: "transformFromClauseItem" });
    expect([isUnavailable(unsupported), isWorthAnotherTry(unsupported)]).toEqual([false, false]);
  });

  test.each(["22P02", "22021", "23505", "23514", "25P02", "42601", "42804", "P0001"])(
    "%s is a mistake",
    (code) => {
      expect(isUnavailable(coded(code))).toBe(false);
      expect(isUnavailable(throughPrisma(code))).toBe(false);
    },
  );
});

test.each(
  "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENETDOWN ENOTFOUND EAI_AGAIN EMFILE ENOBUFS EADDRNOTAVAIL ERR_SSL_WRONG_VERSION_NUMBER ERR_TLS_CERT_ALTNAME_INVALID ERR_STREAM_DESTROYED".split(
    " ",
  ),
)("%s of the network is a 503", (code) => {
  expect(isUnavailable(coded(code))).toBe(true);
});

test.each("P1000 P1001 P1002 P1008 P1010 P1011 P1017 P2021 P2022 P2024 P2028 P2034 P2037".split(" "))(
  "%s of Prisma is a 503",
  (code) => {
    expect(isUnavailable(coded(code))).toBe(true);
  },
);

test.each([
  "timeout expired",
  "timeout exceeded when trying to connect",
  "Query read timeout",
  "Connection terminated",
  "Connection terminated unexpectedly",
  "Connection terminated due to connection timeout",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "Cannot use a pool after calling end on the pool",
  "Received unexpected commandComplete message from backend.",
  "received invalid response: 48",
  "The server does not support SSL connections",
  "There was an error establishing an SSL connection",
  "SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature is missing",
])("%j of the driver is a 503", (message) => {
  expect(isUnavailable(new Error(message))).toBe(true);
});

test("no connection, for whatever reason, is a 503", () => {
  expect(isUnavailable(new NoConnection(new TypeError("Password must be a string")))).toBe(true);
});

test.each([
  null,
  undefined,
  "ECONNRESET",
  new TypeError("x is not a function"),
  new Error("The user said: Query read timeout"),
  coded("ERR_INVALID_ARG_TYPE"),
  coded("P2002"),
  coded("P2025"),
  coded("NEXT_NOT_FOUND"),
])("%o is none", (error) => {
  expect(isUnavailable(error)).toBe(false);
});

test("an error that is its own cause is looked at once", () => {
  const error = new Error("Round and round.");
  error.cause = error;
  expect(isUnavailable(error)).toBe(false);
});

test.each(["40001", "40P01", "25006", "26000", "42P05"])(
  "%s is tried again: the server did nothing of it",
  (code) => {
    expect(isWorthAnotherTry(coded(code))).toBe(true);
  },
);

test.each(["57P01", "57014", "53100", "08006", "23505", "ECONNRESET"])(
  "%s is not tried again: it may have been done, or will not be soon",
  (code) => {
    expect(isWorthAnotherTry(coded(code))).toBe(false);
  },
);
