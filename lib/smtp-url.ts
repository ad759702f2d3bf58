import "server-only";

/** Where mail goes: nowhere, or to this server from this address. */
export type Smtp = { url: string; from: string };

const PROTOCOLS = ["smtp:", "smtps:"];

/** What is wrong with `SMTP_URL`, or null. `off` says that there is no mail. */
export function smtpUrlProblem(value: string): string | null {
  if (value === "off") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  return url && PROTOCOLS.includes(url.protocol) && url.hostname !== ""
    ? null
    : "must be such as smtps://user:password@mail.example.com:465 or smtp://…:587, or `off`.";
}

/** Whether a server for mail is this machine's own. */
export function isOnThisMachine(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

/** What `MAIL_FROM` may be: an address, or a name and an address in angle brackets, on one line. */
export const SENDER = /^(?:[^<>\p{Cc}]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/u;

/** The sender where `MAIL_FROM` says none. */
export function defaultSender(name: string, publicOrigin: string): string {
  const { hostname } = new URL(publicOrigin);
  const isName = /^[a-z][a-z0-9.-]*$/.test(hostname);
  return `${name} <no-reply@${isName ? hostname : "localhost"}>`;
}
