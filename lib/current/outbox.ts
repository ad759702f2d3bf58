import "server-only";
import { env, isForDevelopers } from "@/lib/env";
import { listKept } from "@/lib/mail/outbox";

/** A mail in the outbox, for developers. `links` stand in its text. */
export type WaitingMail = {
  id: string;
  at: Date;
  address: string;
  subject: string;
  text: string;
  links: string[];
};

/** The mails that would have been sent, latest first. Null where mail is sent or none is made, and in production. */
export async function waitingMails(): Promise<WaitingMail[] | null> {
  if (!isForDevelopers() || env().mail.by !== "outbox") return null;
  return (await listKept()).map((mail) => ({
    ...mail,
    links: mail.text.match(/https?:\/\/\S+\?token=\S+/g) ?? [],
  }));
}
