// Shared: pages explain some of these numbers. Lifetimes are in lib/product.ts.
import { DAYS, MINUTES } from "./time";

/** Live sessions of an account at most: one more ends the one unused longest (ASVS 7.1.2). */
export const MOST_SESSIONS = 100;

/** Event streams of a session in one instance at most: one more ends the oldest. */
export const MOST_STREAMS = 10;

/** `lastSeenAt` of a session is written at most this often, in milliseconds. */
export const TOUCH_EVERY = 1 * MINUTES;

/** Ended sessions and security events are kept this long, in milliseconds, then purged. */
export const RETENTION = 90 * DAYS;

/** A device seen this recently is "Active now", in milliseconds. */
export const ACTIVE_WITHIN = 2 * MINUTES;

/** Longest token this app issues, in characters; sealed, it still fits a 4,096-byte cookie. */
export const MAX_TOKEN_LENGTH = 2_500;

/** Longest name of a session, in characters. */
export const MAX_NAME_LENGTH = 60;
