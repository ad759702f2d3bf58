import { createHash, createPrivateKey, type JsonWebKeyInput, sign } from "node:crypto";
import { withConnection } from "@/scripts/database";
import { part } from "../../support/http/forge";
import { hashOfPassword } from "../../support/people/people";
import type { PrivateKey, Secrets } from "../../support/people/secrets";
import { claimsOf, seal } from "../../support/people/tokens";
import { ORIGIN } from "./instance";

// Many people and sessions, written by a few statements. Ids and secrets are computed from numbers, here and in SQL
// alike, so that nothing has to be read back. Nobody's secret would be made that way.

/** How many people there are, and how many live and ended sessions each has. Session n belongs to person n modulo `people`. */
export type Population = { people: number; live: number; ended: number };

const hex = (text: string) => createHash("md5").update(text).digest("hex");

/** Begins with the number, as a UUIDv7 begins with the time: later rows have higher keys. */
function uuid(kind: "person" | "session", number: number): string {
  const random = hex(kind + number);
  const time = (0x19c000000000 + number).toString(16).padStart(12, "0");
  const digits = `${time}7${random.slice(0, 3)}8${random.slice(3, 18)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const sqlUuid = (kind: "person" | "session", number: string) => `(
  lpad(to_hex(x'19c000000000'::bigint + ${number}), 12, '0') || '7' || left(md5('${kind}' || ${number}), 3) || '8'
  || substr(md5('${kind}' || ${number}), 4, 15))::uuid`;

const secretOf = (session: number) => String(session).padStart(43, "0");

export const emailOf = (person: number) => `person-${person}@example.com`;

/**
 * Fills an empty database. The first sessions of each person have ended, the others live; they began over the last
 * twenty days and were last seen `seenAgo` seconds ago, as SQL says it of `n`. However long the bench takes, everybody has just
 * proved who they are: ending sessions asks for that.
 */
export async function populate(
  databaseUrl: string,
  { people, live, ended }: Population,
  seenAgo = "120 + (n * 7919) % 400000",
): Promise<void> {
  const sessions = people * (live + ended);
  const endedSessions = people * ended;
  await withConnection(databaseUrl, async (client) => {
    // Without triggers: nobody listens yet, and a million rows are a lot of news.
    await client.query("SET session_replication_role = replica");
    await client.query(
      `INSERT INTO users (id, email, name, password_hash, created_at)
       SELECT ${sqlUuid("person", "n")}, 'person-' || n || '@example.com', 'Person ' || n, $2, now() - interval '30 days'
       FROM generate_series(0, $1::bigint - 1) AS n`,
      [people, await hashOfPassword()],
    );
    await client.query(
      `INSERT INTO sessions (id, user_id, kind, secret_hash, amr, auth_time, keep, name, device_type, browser, os, ip,
         created_at, last_seen_at, idle_seconds, expires_at, ended_at, ended_reason, ended_by_id)
       SELECT ${sqlUuid("session", "n")}, ${sqlUuid("person", "n % $2::bigint")}, 'browser',
         sha256(convert_to(lpad(n::text, 43, '0'), 'UTF8')), '{pwd}', now() + interval '2 hours', true, NULL, 'desktop', 'Chrome', 'macOS',
         '192.0.2.' || n % 250, began, greatest(began, now() - make_interval(secs => ${seenAgo})), 604800,
         began + interval '30 days', CASE WHEN n < $3 THEN began + interval '1 hour' END,
         CASE WHEN n < $3 THEN 'ended_from_another_device'::ended_reason END,
         CASE WHEN n < $3 THEN ${sqlUuid("session", "($1::bigint - $2::bigint + n % $2::bigint)")} END
       FROM (SELECT n, now() - interval '20 days' * (1 - n::float8 / $1::bigint) AS began
             FROM generate_series(0, $1::bigint - 1) AS n) AS numbered`,
      [sessions, people, endedSessions],
    );
    await client.query(
      `INSERT INTO security_events (id, type, user_id, session_id, ip, created_at)
       SELECT ${sqlUuid("session", "n")}, 'session_started', ${sqlUuid("person", "n % $2::bigint")},
         ${sqlUuid("session", "n")}, '192.0.2.' || n % 250, now() - interval '20 days' * (1 - n::float8 / $1::bigint)
       FROM generate_series(0, $1::bigint - 1) AS n`,
      [sessions, people],
    );
    await client.query("VACUUM (ANALYZE)");
    await client.query("CHECKPOINT");
  });
}

export type Caller = { sessionId: string; token: string };

/** Makes tokens of the sessions of a population. */
export class Signer {
  readonly #secrets: Secrets;
  readonly #key: PrivateKey;
  readonly #signing: ReturnType<typeof createPrivateKey>;
  readonly #population: Population;

  constructor(secrets: Secrets, population: Population) {
    const [key] = secrets.keys;
    if (!key) throw new Error("There is no key to sign with.");
    this.#secrets = secrets;
    this.#key = key;
    const input: JsonWebKeyInput = { key, format: "jwk" };
    this.#signing = createPrivateKey(input);
    this.#population = population;
  }

  /** The caller of a live session: number `index` of all live ones. */
  caller(index: number): Caller {
    const { people, live, ended } = this.#population;
    if (index >= people * live) throw new Error(`There is no live session ${index}.`);
    const session = people * ended + index;
    const sessionId = uuid("session", session);
    const userId = uuid("person", session % people);
    const claims = claimsOf(ORIGIN, { userId, sessionId, secret: secretOf(session) });
    const content = `${part({ alg: this.#key.alg, typ: "session+jwt", kid: this.#key.kid })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(content), { key: this.#signing, dsaEncoding: "ieee-p1363" });
    return { sessionId, token: `${content}.${signature.toString("base64url")}` };
  }

  /** Callers of consecutive live sessions, all of different people as long as there are enough. */
  callers(from: number, count: number): Caller[] {
    return Array.from({ length: count }, (_, index) => this.caller(from + index));
  }

  /** The cookie header of a caller. */
  async cookie({ token }: Caller): Promise<Record<string, string>> {
    return { Cookie: `session=${await seal(token, this.#secrets)}` };
  }
}
