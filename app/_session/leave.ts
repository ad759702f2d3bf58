import { rememberEmail } from "@/app/(auth)/remembered-email";
import { SECONDS } from "@/lib/time";
import { isOwnChange } from "./own-change";

// Nothing of an ended session may stay visible. app/globals.css says what each state of `data-session` hides.

const CHECK_AGAIN_AFTER = 2 * SECONDS;
const LONGEST_ANSWER = 5 * SECONDS;
/** The event of a sign-in or a password change may be faster than the answer with the new cookie: by so much at most. */
const LONGEST_WAY = 3 * SECONDS;
const ASK_AGAIN_AFTER = SECONDS / 4;

const pause = (duration: number) => new Promise((resolve) => setTimeout(resolve, duration));

/** Hides the page until it is known whether its session lives. */
export function hide(): void {
  document.documentElement.dataset.session ??= "unsure";
}

/** Whether the session of this browser is live; null when the server cannot be asked. */
export async function isLive(): Promise<boolean | null> {
  const until = performance.now() + LONGEST_WAY;
  let code = await askWhatIsWrong();
  // After a password change in another tab, the cookie with the new secret may still be on its way.
  while (code === "invalid_token" && performance.now() < until) {
    await pause(ASK_AGAIN_AFTER);
    code = await askWhatIsWrong();
  }
  return code === null ? null : code === "nothing";
}

async function askWhatIsWrong(): Promise<string | null> {
  try {
    const headers = { "Latchkey-Background": "?1" };
    const response = await fetch("/api/auth/verify", { cache: "no-store", headers });
    if (response.ok) return "nothing";
    return response.status === 401 ? String((await response.json()).code) : null;
  } catch {
    return null;
  }
}

let isLeaving = false;

/** Leaves for the login page, which says why. A full navigation: the router's cache of old pages goes with it. */
export function leave(query: Record<string, string> = {}): void {
  if (isLeaving) return;
  isLeaving = true;
  document.documentElement.dataset.session = "over";
  // People whose session was ended from elsewhere then only type the password.
  const { email } = document.querySelector<HTMLElement>("[data-email]")?.dataset ?? {};
  if (email && !query.signed_out) rememberEmail(email);
  const next = location.pathname + location.search;
  location.replace(`/login?${new URLSearchParams({ ...query, next })}`);
}

/**
 * Leaves after this tab has ended its own session, and has the server take the cookie: the login page then says how it ended.
 * A full navigation, which no news of the end overtakes any more.
 */
export function leaveAndLoseCookie(how: "everywhere" | "deleted"): void {
  isLeaving = true;
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/api/auth/logout?${how}`;
  document.body.append(form);
  form.submit();
}

/**
 * Leaves a page whose session has ended. What this tab has just asked for leads away by itself, and its answer takes the
 * cookie: so it gets the time to arrive.
 */
export function leaveOrFollow(query: Record<string, string>, signal: AbortSignal): void {
  if (!isOwnChange()) {
    leave(query);
    return;
  }
  const timer = setTimeout(() => leave(query), LONGEST_ANSWER);
  signal.addEventListener("abort", () => clearTimeout(timer));
}

/**
 * Leaves for the session that has replaced this one, once its cookie has arrived: the login page then leads back to the same
 * page. Nothing is in sight meanwhile. Without a new session, the login page says why.
 */
export async function leaveForNewSession(signal: AbortSignal): Promise<void> {
  hide();
  const until = performance.now() + LONGEST_WAY;
  while (!signal.aborted && performance.now() < until) {
    if (await isLive()) break;
    await pause(ASK_AGAIN_AFTER);
  }
  if (!signal.aborted) leave();
}

/** Leaves if the session has ended; stays if it lives, and for now when that is not known. */
export async function leaveIfEnded(signal: AbortSignal): Promise<void> {
  const live = await isLive();
  if (live === false && !signal.aborted) leaveOrFollow({}, signal);
}

/** The same for a page that may be an old one: it is shown again only once it is known that its session lives. */
export async function hideUntilLive(signal: AbortSignal): Promise<void> {
  hide();
  while (!signal.aborted) {
    const live = await isLive();
    if (signal.aborted) return;
    if (live === false) return leave();
    if (live) return show();
    await pause(CHECK_AGAIN_AFTER);
  }
}

/** Undoes `hide`. */
export function show(): void {
  if (!isLeaving) delete document.documentElement.dataset.session;
}
