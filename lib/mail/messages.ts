import "server-only";
import { env } from "@/lib/env";
import { PRODUCT } from "@/lib/product";
import { exactTime } from "@/lib/time-words";
import type { LinkPurpose } from "@/prisma/client/enums";
import { type Message, toHtml, toText } from "./layout";

// The words of every mail. A mail to an unconfirmed address holds no text that a stranger can choose, such as a name at
// sign-up: we would deliver it to anybody.

/** What each mail needs. `token` is that of its link. */
export type Mails = {
  /** To confirm the address of an account. */
  verify: { token: string };
  /** To a new address, before it becomes the account's. */
  change: { token: string };
  /** To the address that is to be replaced. A `token` only where that address is confirmed. */
  changing: { address: string; token: string | null };
  reset: { token: string };
  /** After any change of the password (ASVS 6.3.7). */
  passwordChanged: {
    ip: string | null;
    /** RFC 3339. */
    at: string;
  };
  /** To the owner of an address with which somebody signed up again. */
  known: Record<string, never>;
  /** To the owner of an address that somebody wanted for another account. */
  taken: Record<string, never>;
  signIn: {
    token: string;
    device: string;
    ip: string | null;
    location: string | null;
    /** RFC 3339. */
    at: string;
    /** RFC 8176. */
    amr: string[];
  };
};

/** The page of each kind of link. */
export const LINK_PAGES = {
  verify: "/verify-email",
  reset: "/reset-password",
  report: "/report",
} as const satisfies Record<LinkPurpose, string>;

const page = (path: string) => `${env().publicOrigin}${path}`;
const linkTo = (purpose: LinkPurpose, token: string) => `${page(LINK_PAGES[purpose])}?token=${token}`;

const METHODS: Record<string, string> = { pwd: "Password", hwk: "Passkey", otp: "One-time code" };

const NOT_YOU = "If this was not you, ignore this mail: nothing changes without the link.";

const MESSAGES: { [K in keyof Mails]: (data: Mails[K]) => Message } = {
  verify: ({ token }) => ({
    subject: `Confirm your email address for ${PRODUCT.name}`,
    lines: ["Please confirm that this is your email address. The link works once, for 24 hours."],
    action: { label: "Confirm address", url: linkTo("verify", token) },
    after: ["If you did not sign up, ignore this mail."],
  }),
  change: ({ token }) => ({
    subject: `Confirm your new email address for ${PRODUCT.name}`,
    lines: [
      "Please confirm that this is your email address. Then it becomes the address of your account. The link works once, for 24 hours.",
    ],
    action: { label: "Confirm new address", url: linkTo("verify", token) },
    after: [NOT_YOU],
  }),
  changing: ({ address, token }) => ({
    subject: `Your ${PRODUCT.name} email address is about to change`,
    lines: [
      "Somebody who is signed in to your account asked to change its email address. It changes as soon as the link in a mail to the new address is used.",
    ],
    facts: [["New address", address]],
    ...(token && { action: { label: "This wasn’t me", url: linkTo("report", token) } }),
    after: [
      token
        ? "If this was you, there is nothing to do. If not, use the button within 7 days: it stops the change, or undoes it, signs devices out and lets you choose a new password."
        : "If this was you, there is nothing to do. If not, sign in and change your password.",
    ],
  }),
  reset: ({ token }) => ({
    subject: `Choose a new password for ${PRODUCT.name}`,
    lines: [
      "Somebody, we hope you, asked for a new password. The link works once, for 1 hour, and signs every device out.",
    ],
    action: { label: "Choose a new password", url: linkTo("reset", token) },
    after: [NOT_YOU],
  }),
  passwordChanged: ({ ip, at }) => ({
    subject: `Your ${PRODUCT.name} password was changed`,
    lines: ["The password of your account was changed, and other devices were signed out."],
    facts: [["Time", exactTime(new Date(at), "en", "UTC")], ...(ip ? [["Address", ip] as const] : [])],
    action: { label: "This wasn’t me", url: page("/forgot-password") },
    after: [
      "If this was you, there is nothing to do. If not, use the button to choose a new password at once.",
    ],
  }),
  known: () => ({
    subject: `You already have an account at ${PRODUCT.name}`,
    lines: [
      "Somebody, perhaps you, tried to sign up with this email address, which has an account already. If that was you, sign in. On that page you can also ask for a new password.",
    ],
    action: { label: "Sign in", url: page("/login") },
    after: ["If it was not you, there is nothing to do: nothing has changed."],
  }),
  taken: () => ({
    subject: `Your email address was entered for another ${PRODUCT.name} account`,
    lines: [
      "Somebody wanted to make this email address that of another account. It is yours already, so nothing has changed, and they were not told.",
    ],
    after: ["If that was you, sign in to this account instead, or change its address first."],
  }),
  signIn: ({ token, device, ip, location, at, amr }) => ({
    subject: `New sign-in to ${PRODUCT.name}: ${device}`,
    lines: ["Somebody signed in to your account in a way that we had not seen before."],
    facts: [
      ["Device", device],
      ["Time", exactTime(new Date(at), "en", "UTC")],
      ...(location ? [["Place", location] as const] : []),
      ...(ip ? [["Address", ip] as const] : []),
      ["Method", amr.map((each) => METHODS[each] ?? each).join(", ")],
    ],
    action: { label: "This wasn’t me", url: linkTo("report", token) },
    after: [
      "If this was you, there is nothing to do. If not, use the button within 7 days: it signs that device out and lets you choose a new password.",
    ],
  }),
};

/** A mail, ready to be sent. */
export type Rendered = { subject: string; text: string; html: string };

/** Writes a mail. */
export function render<K extends keyof Mails>(kind: K, data: Mails[K]): Rendered {
  const message = MESSAGES[kind](data);
  return { subject: message.subject, text: toText(message), html: toHtml(message) };
}
