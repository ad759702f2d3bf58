import "server-only";
import { domainToASCII, domainToUnicode } from "node:url";

// One mailbox has many spellings; an account has one. Everything that stores, looks up or counts an address goes through
// here first.

/** Longest address and longest part before the @, in octets (RFC 5321, 4.5.3.1). */
export const LONGEST_EMAIL = 254;
const LONGEST_LOCAL = 64;

/** Nothing longer is examined: composing letters changes the length, but never by this much. */
const LONGEST_TYPED = 4 * LONGEST_EMAIL;

/** Letters, digits and hyphens, at least two labels, and a last one that is no number (RFC 1123, 2.1; RFC 3696, 2). */
const HOST =
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/;

/** Invisible characters, and those that change the direction of the text around them: people could not compare such addresses. */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

const octets = (text: string) => Buffer.byteLength(text);

/**
 * The one spelling of an address: its domain in ASCII (UTS #46), the part before the @ composed and in lower case
 * (RFC 6532, 3.1). Null for anything that cannot be a mailbox on the internet.
 */
export function normaliseEmail(typed: string): string | null {
  if (typed.length > LONGEST_TYPED) return null;
  // Composed first: a Greek question mark, for one, is a semicolon.
  const parts = /^([^@"<>\\,;:()[\]]+)@([^@]+)$/.exec(typed.trim().normalize("NFC"));
  if (!parts || INVISIBLE.test(parts[1] ?? "")) return null;
  const [local, domain] = [lowerCase(parts[1] ?? ""), asciiDomain(parts[2] ?? "")];
  const email = `${local}@${domain}`;
  const isShort = octets(local) <= LONGEST_LOCAL && octets(email) <= LONGEST_EMAIL;
  return isShort && HOST.test(domain) ? email : null;
}

/** The key under which an address is counted: its one spelling, or the closest thing to it. */
export function countedAs(typed: string): string {
  return normaliseEmail(typed) ?? asItWas(typed);
}

/**
 * Under which spellings the account of an address may be stored, the best match first: accounts that were made before
 * `normaliseEmail` was what it is keep the address that they have.
 */
export function spellingsOf(typed: string): string[] {
  const email = normaliseEmail(typed);
  if (email === null) return [asItWas(typed)];
  const at = email.lastIndexOf("@") + 1;
  const unicode = email.slice(0, at) + domainToUnicode(email.slice(at)).normalize("NFC");
  // With the final sigmas, and the letters taken apart, that lower case used to leave.
  const older = [email, unicode].map((each) => asItWas(each.toUpperCase()));
  const same = older.filter((each) => normaliseEmail(each) === email);
  return [...new Set([asItWas(typed), email, unicode, ...same])];
}

/** The spelling that accounts were stored in at first. */
function asItWas(typed: string): string {
  return typed.trim().normalize("NFC").toLowerCase();
}

/**
 * Lower case, and composed again, since lower case may take letters apart ("J̌" has one letter only when small).
 * A final sigma is no other letter than a sigma within a word.
 */
function lowerCase(local: string): string {
  return local.toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

/**
 * Between letters of some scripts the joiners belong to the spelling of a domain, which the conversion checks (RFC 5892, A.1
 * and A.2). An emoji may come with the selector that has it drawn in colour.
 */
const JOINERS = /[\u200c\u200d]/g;
const DRAWN = /(?<=\p{Extended_Pictographic})\ufe0f/gu;

/** A domain as DNS knows it, or an empty text. Anything in ASCII that is not of a host would be read as a URL's. */
function asciiDomain(typed: string): string {
  const domain = typed.replace(DRAWN, "");
  if (INVISIBLE.test(domain.replace(JOINERS, ""))) return "";
  const isHost =
    /^[\p{L}\p{M}\p{N}\p{S}\p{P}\u200c\u200d]+$/u.test(domain) &&
    !/[^\x80-\u{10ffff}a-z0-9.-]/iu.test(domain);
  const ascii = isHost ? domainToASCII(domain) : "";
  // Node 24 passes on Punycode that stands for nothing, and Node 20 such as stands for plain letters: neither is the one
  // spelling of a domain (UTS #46, 4.1).
  const unicode = domainToUnicode(ascii);
  return /(^|\.)xn--/.test(unicode) || domainToASCII(unicode) !== ascii ? "" : ascii;
}
