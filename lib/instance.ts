import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { databaseProblems } from "./database/start";
import { checkEnv } from "./env";
import { closeConnections, cutConnections } from "./http/node-server/connections";
import { captureConsole, flushLog, log } from "./log";
import { addCounter, addGauge } from "./metrics";
import { PRODUCT } from "./product";
import { leaseLeft } from "./revocation/lease";
import { listenerState, startListener, stopListener } from "./revocation/listener";
import { ignoredNotifications } from "./revocation/messages";
import { sessionCache } from "./session/cache";
import { whichHaveEnded } from "./session/queries";
import { flushTouches } from "./session/touch";
import { SECONDS } from "./time";
import { keyProblems } from "./token/token";

// What makes a process an instance, the app's or the verifier's: good settings, the listener with its lease, and an end in order.

const SHUTDOWN_TIMEOUT = 8 * SECONDS;

/** Checks the settings and what they lead to; ends the process when something is not right, and says what. */
export async function requireSettings(): Promise<void> {
  const wrong = checkEnv();
  const problems = wrong.length > 0 ? wrong : [...(await keyProblems()), ...(await databaseProblems())];
  if (problems.length === 0) return;
  console.error(`${PRODUCT.name} does not start:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
  process.exit(1);
}

/** Begins to log, to listen for revocations and to count. */
export function startInstance(): void {
  captureConsole();
  startListener(whichHaveEnded);
  describeGate();
  process.once("exit", flushLog);
}

/**
 * Ends an instance: its connections, `more`, and then what it has still to write, within 8 s. The lease goes first: from then on
 * no revocation waits for this process. Never throws.
 */
export async function stopInstance(
  signal: string,
  more: () => Promise<unknown> = async () => {},
): Promise<void> {
  log.info("stopping", { signal });
  const patience = pause(SHUTDOWN_TIMEOUT, undefined, { ref: false });
  void patience.then(cutConnections);
  // Open tabs come back at once. On a connection that is kept alive they would still find us, again and again.
  closeConnections();
  const shutdown = async () => {
    await Promise.all([stopListener(), more()]);
    await flushTouches();
  };
  await Promise.race([shutdown(), patience]).catch(() => {});
}

function describeGate(): void {
  addGauge("latchkey_feed_connected", "1 while the listener hears revocations, else 0.", () =>
    Number(listenerState().connected),
  );
  addCounter(
    "latchkey_feed_connections_total",
    "Connections of the listener.",
    () => listenerState().connections,
  );
  addCounter(
    "latchkey_feed_deaf_total",
    "Connections of the listener that did not hear what the pool told.",
    () => listenerState().deaf,
  );
  addCounter(
    "latchkey_notifications_ignored_total",
    "Notifications that claimed to be an instance's and that none had signed.",
    ignoredNotifications,
  );
  addGauge(
    "latchkey_notification_queue_usage",
    "How full PostgreSQL's queue of notifications is, 0 to 1; when it is full, nothing can be ended.",
    () => listenerState().queue,
  );
  addGauge(
    "latchkey_lease_left_seconds",
    "For how long this instance may answer from its cache.",
    () => leaseLeft() / SECONDS,
  );
  addCounter(
    "latchkey_checks_from_memory_total",
    "Checks answered from the cache.",
    () => sessionCache().statistics().hits,
  );
  addCounter(
    "latchkey_checks_missed_total",
    "Checks of sessions that were not remembered.",
    () => sessionCache().statistics().misses,
  );
  addCounter(
    "latchkey_checks_without_lease_total",
    "Checks that fell back to the database.",
    () => sessionCache().statistics().fallbacks,
  );
  addCounter(
    "latchkey_checks_shared_total",
    "Checks that shared a query with another one.",
    () => sessionCache().statistics().shared,
  );
  addGauge(
    "latchkey_remembered_sessions",
    "Sessions in the cache.",
    () => sessionCache().statistics().entries,
  );
  addGauge("latchkey_remembered_bytes", "Their size, estimated.", () => sessionCache().statistics().bytes);
}
