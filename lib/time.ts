// Shared: also runs in the browser.

/** Milliseconds in a second; write durations as `30 * DAYS`. */
export const SECONDS = 1000;
export const MINUTES = 60 * SECONDS;
export const HOURS = 60 * MINUTES;
export const DAYS = 24 * HOURS;
