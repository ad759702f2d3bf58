import { SECONDS } from "@/lib/time";

// Whose turn it is, a Web Lock says: it goes to the next tab when its holder is closed. A holder that stands still, in a
// debugger or behind an alert, keeps its lock, so the others ask it now and then, and the first that gets no answer
// steals the lock. They ask, and it does not tell by itself: timers of hidden tabs may run once a minute only, while
// messages reach them at once. A tab that the browser freezes would even answer, deaf to the server: it leaves the line
// until it goes on.

const LOCK = "latchkey-events";
const QUESTION = "who is it?";
const ANSWER = "me";
/** The longest silence is the sum of the two, the first up to half as long again. */
const ASK_AFTER = 1.5 * SECONDS;
const STEAL_AFTER = 1.5 * SECONDS;

/** Has one tab of the browser at a time do `work`: until its turn is over, which the signal tells. */
export function takeTurns(work: (turn: AbortSignal) => void, signal: AbortSignal): void {
  let awake = new AbortController();
  let isKept = false;
  const sleep = () => awake.abort();
  const wake = () => {
    sleep();
    awake = new AbortController();
    standInLine(work, awake.signal);
  };
  // The Page Lifecycle API (WICG).
  document.addEventListener("freeze", sleep, { signal });
  document.addEventListener("resume", () => isKept || wake(), { signal });
  // A page from the back/forward cache is reloaded, and needs no turn until then.
  window.addEventListener(
    "pagehide",
    ({ persisted }) => {
      isKept = persisted;
    },
    { signal },
  );
  signal.addEventListener("abort", sleep);
  wake();
}

function standInLine(work: (turn: AbortSignal) => void, signal: AbortSignal): void {
  const channel = new BroadcastChannel(LOCK);
  let turn: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    turn?.abort();
    channel.close();
  });

  channel.onmessage = ({ data }: MessageEvent<typeof QUESTION | typeof ANSWER>) => {
    if (data === ANSWER) askLater();
    else if (turn) channel.postMessage(ANSWER);
  };

  function askLater() {
    clearTimeout(timer);
    if (turn || signal.aborted) return;
    timer = setTimeout(
      () => {
        channel.postMessage(QUESTION);
        timer = setTimeout(() => void take({ steal: true }), STEAL_AFTER);
      },
      // Not all tabs at once: an answer to one is an answer to all.
      ASK_AFTER * (1 + Math.random() / 2),
    );
  }

  async function take(how: LockOptions): Promise<void> {
    const own = new AbortController();
    const hold = () =>
      new Promise<void>((resolve) => {
        // The lock may have been granted while we cancelled the request.
        if (signal.aborted) return resolve();
        turn = own;
        clearTimeout(timer);
        own.signal.addEventListener("abort", () => resolve());
        channel.postMessage(ANSWER);
        work(own.signal);
      });
    // Rejected by `signal`, or when another tab steals the lock.
    await navigator.locks.request(LOCK, how, hold).catch(() => {});
    if (turn === own) turn = null;
    own.abort();
    if (signal.aborted) return;
    askLater();
    // A tab that stole the lock still has its earlier request in the queue.
    if (!how.steal) void take({ signal });
  }

  void take({ signal });
  askLater();
}
