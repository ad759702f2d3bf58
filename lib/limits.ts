// Shared: pages explain some of these numbers. Lifetimes are in lib/product.ts.
import { DAYS, HOURS, MINUTES } from "./time";

/** How long a proof of identity is good for what step-up guards, in milliseconds (RFC 9470). */
export const STEP_UP_AFTER = 15 * MINUTES;

/** For how long the links in mails are good, in milliseconds. */
export const LINK_LIFETIMES = { verify: 24 * HOURS, reset: 1 * HOURS, report: 7 * DAYS } as const;

/** Life of a session that is made for a program, in milliseconds: where it is not said, and at most. */
export const API_SESSION_LIFETIME = 90 * DAYS;
export const LONGEST_API_SESSION = 365 * DAYS;

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

/** Mails that an instance sends at once. */
export const MAILS_AT_ONCE = 4;

/** How long a server for mail may take to accept one, in milliseconds; then another attempt may begin. */
export const LONGEST_DELIVERY = 3 * MINUTES;

/** How long a mail is tried, in milliseconds. */
export const MAIL_RETENTION = 1 * DAYS;

/** A browser or a network that an account has not used for this long is new to it again, in milliseconds. */
export const PLACE_RETENTION = 400 * DAYS;

/** Longest token this app issues, in characters; sealed, it still fits a 4,096-byte cookie. */
export const MAX_TOKEN_LENGTH = 2_500;

/** Longest name of a session, in characters. */
export const MAX_NAME_LENGTH = 60;
