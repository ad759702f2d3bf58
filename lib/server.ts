import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { accounts } from "./account/mail-requests";
import { verifyPassword } from "./account/password";
import { attempts, refusals } from "./account/rate-limit";
import { databaseProblems } from "./database/start";
import { checkEnv, env } from "./env";
import { closeConnections, cutConnections } from "./http/node-server/connections";
import { openFrontDoor } from "./http/node-server/front-door";
import { captureConsole, flushLog, log } from "./log";
import { mailCounts, startMailer, stopMailer } from "./mail/delivery";
import { addCounter, addGauge } from "./metrics";
import { PRODUCT } from "./product";
import { leaseLeft } from "./revocation/lease";
import { listenerState, startListener, stopListener } from "./revocation/listener";
import { ignoredNotifications } from "./revocation/messages";
import { sessionCache } from "./session/cache";
import { whichHaveEnded } from "./session/queries";
import { flushTouches } from "./session/touch";
import { singleton } from "./singleton";
import { endWatching, watchedSessions } from "./streams/watch";
import { sweepForEver } from "./sweep";
import { SECONDS } from "./time";
import { keyProblems } from "./token/token";

// What a server does besides answering requests: it checks its settings, listens for revocations, sweeps, and shuts down.

const SHUTDOWN_TIMEOUT = 8 * SECONDS;

const server = singleton("server", () => ({ isStarted: false }));

/** Starts everything that runs beside the requests; ends the process when the settings are not right. */
export async function startServer(): Promise<void> {
  if (server().isStarted) return;
  server().isStarted = true;

  const wrong = checkEnv();
  const problems = wrong.length > 0 ? wrong : [...(await keyProblems()), ...(await databaseProblems())];
  if (problems.length > 0) {
    console.error(`${PRODUCT.name} does not start:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
    process.exit(1);
  }

  captureConsole();
  openFrontDoor();
  startListener(whichHaveEnded);
  if (env().mail.by === "nothing") log.info("mail_is_off");
  else startMailer(accounts);
  void sweepForEver();
  // Makes the hash that unknown accounts are checked against, so that not even the first one takes longer.
  void verifyPassword(null, "");
  describeMetrics();
  process.once("exit", flushLog);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
  // The launcher is gone: nobody is left to pass a signal on.
  process.once(
    "disconnect",
    () => void shutDown("disconnect").then(() => process.kill(process.pid, "SIGTERM")),
  );
}

function describeMetrics(): void {
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
  addGauge("latchkey_streams", "Open streams that are tied to a session.", watchedSessions);
  addCounter("latchkey_rate_limit_refusals_total", "Guesses and sign-ups refused.", refusals);
  addCounter("latchkey_mails_sent_total", "Mails that a server has accepted.", () => mailCounts().sent);
  addCounter("latchkey_mail_failures_total", "Attempts that failed.", () => mailCounts().failed);
  addCounter("latchkey_mails_given_up_total", "Mails that were never accepted.", () => mailCounts().givenUp);
  addGauge("latchkey_password_hashes_running", "Passwords that are being checked.", () => attempts().running);
  addGauge("latchkey_password_hashes_waiting", "Passwords in line.", () => attempts().waiting);
}

/** The lease goes first: from then on no revocation waits for this server. Requests in flight are Next's to finish. */
async function shutDown(signal: string): Promise<void> {
  log.info("stopping", { signal });
  const patience = pause(SHUTDOWN_TIMEOUT, undefined, { ref: false });
  void patience.then(cutConnections);
  // Open tabs come back at once. On a connection that is kept alive they would still find us, again and again.
  closeConnections();
  const shutdown = async () => {
    endWatching();
    await Promise.all([stopListener(), stopMailer()]);
    await flushTouches();
  };
  const isOver = Promise.race([shutdown(), patience]).catch(() => {});
  exitAfter(isOver);
  await isOver;
}

/** Next ends the process as soon as its last answer has left, which may be before everything is done. */
function exitAfter(isOver: Promise<unknown>): void {
  const exit = process.exit.bind(process);
  process.exit = ((code) => void isOver.then(() => exit(code))) as typeof process.exit;
}
