import "server-only";
import { attempts, refusals } from "@/lib/account/limit/rate-limit";
import { accounts } from "@/lib/account/link/mail-requests";
import { verifyPassword } from "@/lib/account/password/password";
import { env } from "./env";
import { openFrontDoor } from "./http/node-server/front-door";
import { requireSettings, startInstance, stopInstance } from "./instance";
import { log } from "./log";
import { mailCounts, startMailer, stopMailer } from "./mail/delivery";
import { addCounter, addGauge } from "./metrics";
import { singleton } from "./singleton";
import { endWatching, watchedSessions } from "./streams/watch";
import { sweepForEver } from "./sweep";

// What the app's server does besides answering requests: it is an instance, sweeps, sends mail, and shuts down.

const server = singleton("server", () => ({ isStarted: false }));

/** Starts everything that runs beside the requests; ends the process when the settings are not right. */
export async function startServer(): Promise<void> {
  if (server().isStarted) return;
  server().isStarted = true;

  await requireSettings();
  openFrontDoor();
  startInstance();
  if (env().mail.by === "nothing") log.info("mail_is_off");
  else startMailer(accounts);
  void sweepForEver();
  // Starts the thread that hashes, so that not even the first sign-in takes longer.
  void verifyPassword(null, "");
  describeMetrics();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void shutDown(signal));
  // The launcher is gone: nobody is left to pass a signal on.
  process.once(
    "disconnect",
    () => void shutDown("disconnect").then(() => process.kill(process.pid, "SIGTERM")),
  );
}

function describeMetrics(): void {
  addGauge("latchkey_streams", "Open streams that are tied to a session.", watchedSessions);
  addCounter("latchkey_rate_limit_refusals_total", "Guesses and sign-ups refused.", refusals);
  addCounter("latchkey_mails_sent_total", "Mails that a server has accepted.", () => mailCounts().sent);
  addCounter("latchkey_mail_failures_total", "Attempts that failed.", () => mailCounts().failed);
  addCounter("latchkey_mails_given_up_total", "Mails that were never accepted.", () => mailCounts().givenUp);
  addGauge("latchkey_password_hashes_running", "Passwords that are being checked.", () => attempts().running);
  addGauge(
    "latchkey_password_hashes_waiting",
    "Passwords that wait to be checked.",
    () => attempts().waiting,
  );
}

/** Requests in flight are Next's to finish. */
async function shutDown(signal: string): Promise<void> {
  const isOver = stopInstance(signal, async () => {
    endWatching();
    await stopMailer();
  });
  exitAfter(isOver);
  await isOver;
}

/** Next ends the process as soon as its last answer has left, which may be before everything is done. */
function exitAfter(isOver: Promise<unknown>): void {
  const exit = process.exit.bind(process);
  process.exit = ((code) => void isOver.then(() => exit(code))) as typeof process.exit;
}
