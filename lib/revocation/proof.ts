import "server-only";
import { randomUUID } from "node:crypto";
import { proofPool } from "@/lib/db";
import { channelOf, DATABASE, open, sign } from "./messages";

// Proves that the listener and the pool are connected to the same database. A random number sent through DATABASE_URL must
// arrive at the listener, and the heartbeat that the listener wrote must be visible there. docs/revocation.md, "The proof".

const CAUSES = {
  database:
    "FEED_DATABASE_URL leads to another database than DATABASE_URL. Until they lead to one, checks cost a query each.",
  unheard:
    "What is told through DATABASE_URL is not heard by the listener: FEED_DATABASE_URL leads to another server (as after a fail-over, to the old primary), or to a pooler in transaction mode, which loses LISTEN: set FEED_DATABASE_URL to PostgreSQL itself. Until then, checks cost a query each.",
  pooler:
    "The listener's connection changes its backend: a pooler in transaction mode loses LISTEN. Set FEED_DATABASE_URL to PostgreSQL itself. Until then, checks cost a query each.",
  unlisted:
    "Through DATABASE_URL this instance is not seen on the list: somebody took it off, or FEED_DATABASE_URL leads to another server.",
} as const;

/** The listener does not hear the database of DATABASE_URL, although it may be connected. */
export class ListenerIsDeaf extends Error {
  readonly why: keyof typeof CAUSES;

  constructor(why: keyof typeof CAUSES) {
    super(CAUSES[why]);
    this.name = "ListenerIsDeaf";
    this.why = why;
  }
}

const PROVE = {
  name: "prove",
  text: `WITH here AS MATERIALIZED (
           SELECT ${DATABASE} AS database,
             $5::bigint IS NULL OR EXISTS (SELECT FROM instances WHERE id = $4 AND beat = $5) AS listed)
         SELECT database, listed, set_config('synchronous_commit', 'off', true),
           CASE WHEN database = $3 AND listed THEN pg_notify($1, $2)::text END
         FROM here`,
};

/** Proves one connection of the listener, again and again. */
export type Prover = {
  /**
   * Sends a new number through DATABASE_URL and resolves when it arrives on this connection. `heartbeat` is the one that the
   * listener has just written, which must be visible there; null if there is none yet. Throws `ListenerIsDeaf` if the number
   * does not arrive within `patience` milliseconds. Other errors come from the database and prove nothing.
   */
  prove(heartbeat: string | null, patience: number): Promise<void>;
  /** Handles a notification that claims to be a proof. Only the awaited number counts. */
  hear(payload: string): void;
};

/** Proves that a connection of the listener to `database` hears what the instance `id` is told through DATABASE_URL. */
export function createProver(id: string, database: string): Prover {
  let awaited: { number: string; heard: () => void } | null = null;
  return {
    async prove(heartbeat, patience) {
      const number = randomUUID();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const heard = new Promise<boolean>((resolve) => {
        awaited = { number, heard: () => resolve(true) };
        timer = setTimeout(() => resolve(false), patience);
      });
      try {
        const { rows } = await proofPool().query<{ database: string; listed: boolean }>({
          ...PROVE,
          values: [channelOf(id), sign("proof", database, [id, number]), database, id, heartbeat],
        });
        if (rows[0]?.database !== database) throw new ListenerIsDeaf("database");
        if (!rows[0].listed) throw new ListenerIsDeaf("unlisted");
        if (!(await heard)) throw new ListenerIsDeaf("unheard");
      } finally {
        clearTimeout(timer);
        awaited = null;
      }
    },
    hear(payload) {
      const [instance, number] = open("proof", database, payload) ?? [];
      if (awaited && instance === id && number === awaited.number) awaited.heard();
    },
  };
}
