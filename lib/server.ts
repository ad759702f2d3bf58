import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { attempts, refusals } from "@/lib/account/rate-limit";
import { verifyPassword } from "./account/password";
import { databaseProblems } from "./database/start";
import { checkEnv, env } from "./env";
import { closeConnections, cutConnections } from "@/lib/http/node-server/connections";
import { openFrontDoor } from "@/lib/http/node-server/front-door";
import { captureConsole, flushLog, log } from "./log";
import { addCounter, addGauge } from "./metrics";
import { feedState, startFeed, stopFeed } from "@/lib/revocation/listener";
import { leaseLeft, limitMemory, memoryStatistics } from "@/lib/revocation/cache";
import { ignoredNotifications } from "@/lib/revocation/messages";
import { flushSeen } from "@/lib/session/touch";
import { keyProblems } from "@/lib/token/token";
import { endWatching, watchedSessions } from "@/lib/streams/watch";
import { sweepForEver } from "./sweep";
import { SECONDS } from "./time";

// What a server does besides answering: it checks its settings, follows the feed, sweeps, and ends in good order.

const LONGEST_FAREWELL = 8 * SECONDS;

const holder = globalThis as typeof globalThis & { latchkeyServer?: boolean };

/** Starts everything that runs beside the requests; ends the process when the settings are not right. */
export async function startServer(): Promise<void> {
  if (holder.latchkeyServer) return;
  holder.latchkeyServer = true;

  const wrong = checkEnv();
  const problems = wrong.length > 0 ? wrong : [...(await keyProblems()), ...(await databaseProblems())];
  if (problems.length > 0) {
    console.error(`Latchkey does not start:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
    process.exit(1);
  }

  captureConsole();
  limitMemory(env().cachedSessions);
  openFrontDoor();
  startFeed();
  void sweepForEver();
  // Makes the hash that unknown accounts are checked against, so that not even the first one takes longer.
  void verifyPassword(null, "");
  describeMetrics();
  process.once("exit", flushLog);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void sayFarewell(signal));
  // The launcher is gone: nobody is left to pass a signal on.
  process.once(
    "disconnect",
    () => void sayFarewell("disconnect").then(() => process.kill(process.pid, "SIGTERM")),
  );
}

function describeMetrics(): void {
  addGauge("latchkey_feed_connected", "1 while the feed brings news, else 0.", () =>
    Number(feedState().connected),
  );
  addCounter("latchkey_feed_connections_total", "Connections of the feed.", () => feedState().connections);
  addCounter(
    "latchkey_feed_deaf_total",
    "Connections of the feed that did not hear what the pool told.",
    () => feedState().deaf,
  );
  addCounter(
    "latchkey_notifications_ignored_total",
    "Notifications that claimed to be an instance's and that none had signed.",
    ignoredNotifications,
  );
  addGauge(
    "latchkey_notification_queue_usage",
    "How full PostgreSQL's queue of notifications is, 0 to 1; when it is full, nothing can be ended.",
    () => feedState().queue,
  );
  addGauge(
    "latchkey_lease_left_seconds",
    "For how long this instance may answer from memory.",
    () => leaseLeft() / SECONDS,
  );
  addCounter(
    "latchkey_checks_from_memory_total",
    "Checks answered from memory.",
    () => memoryStatistics().hits,
  );
  addCounter(
    "latchkey_checks_missed_total",
    "Checks of sessions that were not remembered.",
    () => memoryStatistics().misses,
  );
  addCounter(
    "latchkey_checks_without_lease_total",
    "Checks that fell back to the database.",
    () => memoryStatistics().fallbacks,
  );
  addCounter(
    "latchkey_checks_shared_total",
    "Checks that shared a query with another one.",
    () => memoryStatistics().shared,
  );
  addGauge("latchkey_remembered_sessions", "Sessions in memory.", () => memoryStatistics().sessions);
  addGauge("latchkey_remembered_bytes", "Their size, estimated.", () => memoryStatistics().bytes);
  addGauge("latchkey_streams", "Open streams that are tied to a session.", watchedSessions);
  addCounter("latchkey_rate_limit_refusals_total", "Guesses and sign-ups refused.", refusals);
  addGauge("latchkey_password_hashes_running", "Passwords that are being checked.", () => attempts().running);
  addGauge("latchkey_password_hashes_waiting", "Passwords in line.", () => attempts().waiting);
}

/** The lease goes first: from then on no ending waits for this server. Requests in flight are Next's to finish. */
async function sayFarewell(signal: string): Promise<void> {
  log.info("stopping", { signal });
  const patience = pause(LONGEST_FAREWELL, undefined, { ref: false });
  void patience.then(cutConnections);
  // Open tabs come back at once. On a connection that is kept alive they would still find us, again and again.
  closeConnections();
  const farewell = async () => {
    endWatching();
    await stopFeed();
    await flushSeen();
  };
  const said = Promise.race([farewell(), patience]).catch(() => {});
  exitAfter(said);
  await said;
}

/** Next ends the process as soon as its last answer has left, which may be before everything is said. */
function exitAfter(said: Promise<unknown>): void {
  const exit = process.exit.bind(process);
  process.exit = ((code) => void said.then(() => exit(code))) as typeof process.exit;
}
