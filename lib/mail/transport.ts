import "server-only";
import { createTransport, type Transporter } from "nodemailer";
import { env } from "@/lib/env";
import { LONGEST_DELIVERY } from "@/lib/limits";
import { singleton } from "@/lib/singleton";
import { isOnThisMachine } from "@/lib/smtp-url";
import { MINUTES, SECONDS } from "@/lib/time";
import type { Rendered } from "./messages";

// SMTP. One connection per mail: there are few mails, and no idle connection can break.

const transport = singleton("smtp", (): { send: Transporter["sendMail"]; from: string } => {
  const { mail } = env();
  if (mail.by !== "smtp") throw new Error("There is no server for mail.");
  const transporter = createTransport({
    url: mail.url,
    connectionTimeout: 10 * SECONDS,
    greetingTimeout: 10 * SECONDS,
    dnsTimeout: 10 * SECONDS,
    // A server may take its time to accept a message (RFC 5321, 4.5.3.2.6). `LONGEST_DELIVERY` is longer.
    socketTimeout: 2 * MINUTES,
    disableFileAccess: true,
    disableUrlAccess: true,
    // A server on this machine has a self-signed certificate, if any, and nobody is in between.
    ...(isOnThisMachine(mail.url) && { tls: { rejectUnauthorized: false } }),
  });
  return { send: transporter.sendMail.bind(transporter), from: mail.from };
});

/** Sends a mail. Resolves when the server has accepted it. `id` becomes its Message-ID, the same in every attempt. */
export async function send(id: string, to: string, { subject, text, html }: Rendered): Promise<void> {
  const { hostname } = new URL(env().publicOrigin);
  await transport().send({
    from: transport().from,
    to: { name: "", address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${hostname}>`,
    // Before the transaction that holds the row times out, and another attempt begins.
    signal: AbortSignal.timeout(LONGEST_DELIVERY - 10 * SECONDS),
    // RFC 3834, 5: suppresses automatic replies, such as those of people on holiday.
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  });
}

/** What a failed attempt says of itself, without words of the server's, in which addresses may stand. */
export function failureOf(error: unknown): {
  code: string;
  reply: number | null;
  isFinal: boolean;
  isAnswer: boolean;
} {
  const { code, responseCode, permanent, command } = error as {
    code?: string;
    responseCode?: number;
    permanent?: boolean;
    command?: string;
  };
  return {
    code: code ?? "UNKNOWN",
    reply: responseCode ?? null,
    // No such mailbox, or the message was rejected. Anything else, such as our password being wrong, can be fixed within a day.
    isFinal: permanent === true && /^(RCPT TO|DATA)/.test(command ?? ""),
    isAnswer: responseCode !== undefined,
  };
}
