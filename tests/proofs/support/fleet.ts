import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { type Server, startServer } from "../../support/http/server";
import { startVerifier, type Verifier } from "../../support/http/verifier";
import { addPerson, addSession, type Person, type SessionFacts } from "../../support/people/people";
import { freshSecrets, type Secrets } from "../../support/people/secrets";
import { claimsOf, seal, sign } from "../../support/people/tokens";

// Several instances of one app: the same public origin and secrets, so that a token of one is good at the others.

export const FLEET_ORIGIN = "http://localhost:3000";

const METRICS_TOKEN = "the-tests-read-the-metrics-of-their-servers";

export type FleetOptions = {
  databaseUrl: string;
  secrets?: Secrets;
  env?: Record<string, string>;
};

export class Fleet {
  readonly servers: Server[] = [];
  readonly verifiers: Verifier[] = [];
  readonly secrets: Secrets;
  readonly #options: FleetOptions;

  private constructor(options: FleetOptions, secrets: Secrets) {
    this.#options = options;
    this.secrets = secrets;
  }

  static async start(count: number, options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options, options.secrets ?? (await freshSecrets()));
    await Promise.all(Array.from({ length: count }, () => fleet.add()));
    return fleet;
  }

  /** Starts one more instance; resolves when it has its lease, unless it is not to have one. */
  async add(env: Record<string, string> = {}): Promise<Server> {
    const server = await this.addWithoutLease(env);
    const { FEED } = { ...this.#options.env, ...env };
    while (FEED !== "off" && !((await metric(server, "latchkey_lease_left_seconds")) > 0)) await pause(20);
    return server;
  }

  /** Starts one more instance, whose feed cannot bring it a lease; resolves when it is ready. */
  async addWithoutLease(env: Record<string, string>): Promise<Server> {
    const all = { PUBLIC_ORIGIN: FLEET_ORIGIN, METRICS_TOKEN, ...this.#options.env, ...env };
    const { databaseUrl } = this.#options;
    const server = await startServer({ databaseUrl, secrets: this.secrets, env: all });
    this.servers.push(server);
    return server;
  }

  /** Starts a verifier beside them; resolves when it has its lease, unless `feed` cannot bring it one. */
  async addVerifier(env: Record<string, string>, feed: "heard" | "astray" = "heard"): Promise<Verifier> {
    const { databaseUrl } = this.#options;
    const app = { origin: FLEET_ORIGIN, databaseUrl, secrets: this.secrets };
    const verifier = await startVerifier(app, { env: { METRICS_TOKEN, ...this.#options.env, ...env } });
    this.verifiers.push(verifier);
    const lease = () => metric(verifier, "latchkey_lease_left_seconds", "/metrics");
    while (feed === "heard" && !((await lease()) > 0)) await pause(20);
    return verifier;
  }

  /** A session written straight into the database, with what its device would hold. */
  async session(db: pg.Pool, person: Pick<Person, "id">, facts?: SessionFacts): Promise<Device> {
    const { id, userId, secret } = await addSession(db, person, facts);
    const [key] = this.secrets.keys;
    if (!key) throw new Error("There is no key.");
    const token = await sign(key, claimsOf(FLEET_ORIGIN, { userId, sessionId: id, secret }));
    return this.deviceOf(id, userId, token);
  }

  async deviceOf(id: string, userId: string, token: string): Promise<Device> {
    return { id, userId, token, cookie: await seal(token, this.secrets) };
  }

  async stop(): Promise<void> {
    const all = [...this.servers, ...this.verifiers];
    for (const each of all) each.kill("SIGCONT");
    await Promise.all(all.map((each) => each.stop()));
  }
}

/** A session with both of its credentials. */
export type Device = { id: string; userId: string; token: string; cookie: string };

/** Somebody with several sessions. */
export async function addDevices(
  fleet: Pick<Fleet, "session">,
  db: pg.Pool,
  count: number,
  facts: SessionFacts = {},
): Promise<{ person: Person; devices: Device[] }> {
  const person = await addPerson(db);
  const devices = await Promise.all(Array.from({ length: count }, () => fleet.session(db, person, facts)));
  return { person, devices };
}

export async function metric(
  { url }: Pick<Server, "url">,
  name: string,
  path = "/api/metrics",
): Promise<number> {
  const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } });
  const value = new RegExp(`^${name}(?:{.*})? (.+)$`, "m").exec(await answer.text())?.[1];
  return Number(value ?? Number.NaN);
}
