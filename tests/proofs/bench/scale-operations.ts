import { PASSWORD } from "../../support/people/people";
import { bearer, jsonRequestBytes, requestBytes } from "./http";
import type { Instance } from "./instance";
import { emailOf, type Population, type Signer } from "./population";

/** The same app over one of the two tables. */
export type World = { population: Population; databaseUrl: string; instance: Instance; signer: Signer };

/**
 * A route to measure: the requests of a round, each about another person, after `prepare`, which does not count. Rounds
 * are short, so that what else the machine does meets both tables alike.
 */
export type Operation = {
  name: string;
  count: number;
  status: number;
  requests(world: World, from: number, count: number): string[];
  prepare?(world: World, from: number, count: number): string[];
};

/** People in no order that a table or an index has. */
const personAt = ({ population }: World, index: number) => (index * 7_919) % population.people;

/** The callers of session `which` of people `from` to `from + count`. */
const callersAt = (world: World, which: number, from: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    world.signer.caller(personAt(world, from + index) + which * world.population.people),
  );

const verifyAll = (world: World, which: number, from: number, count: number) =>
  callersAt(world, which, from, count).map(({ token }) =>
    requestBytes("GET", "/api/auth/verify", bearer(token)),
  );

// Of each person's live sessions the first one calls, the second is verified and the third is ended.
const makeKnown = (world: World, from: number, count: number) => verifyAll(world, 0, from, count);

export const OPERATIONS: Operation[] = [
  {
    name: "verify, new to the instance",
    count: 40,
    status: 200,
    requests: (world, from, count) => verifyAll(world, 1, from, count),
  },
  {
    name: "list",
    count: 40,
    status: 200,
    prepare: makeKnown,
    requests: (world, from, count) =>
      callersAt(world, 0, from, count).map(({ token }) =>
        requestBytes("GET", "/api/auth/sessions", bearer(token)),
      ),
  },
  {
    name: "end",
    count: 20,
    status: 204,
    prepare: makeKnown,
    requests: (world, from, count) => {
      const doomed = callersAt(world, 2, from, count);
      return callersAt(world, 0, from, count).map(({ token }, index) =>
        requestBytes("DELETE", `/api/auth/sessions/${doomed[index]?.sessionId}`, bearer(token)),
      );
    },
  },
  {
    name: "log-in",
    count: 10,
    status: 200,
    requests: (world, from, count) =>
      Array.from({ length: count }, (_, index) =>
        jsonRequestBytes("/api/auth/login", {
          email: emailOf(personAt(world, from + index)),
          password: PASSWORD,
        }),
      ),
  },
];
