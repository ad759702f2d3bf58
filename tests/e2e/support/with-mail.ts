import type { Page } from "@playwright/test";
import type pg from "pg";
import { connect, databaseServer, freshDatabase } from "../../support/database/database";
import { type Server, startServer } from "../../support/http/server";
import { Smtp } from "../../support/mail/smtp";
import { expect } from "./test";

// A server that sends mail, with a database and a post office of its own.

export type WithMail = { server: Server; smtp: Smtp; db: pg.Pool };

/** Runs `work` against it. */
export async function withMail(work: (with_: WithMail) => Promise<void>): Promise<void> {
  const { stop: stopDatabase } = await databaseServer();
  const smtp = await Smtp.start();
  const server = await startServer({ databaseUrl: await freshDatabase(), env: { SMTP_URL: smtp.url } });
  const db = connect(server.databaseUrl);
  try {
    await work({ server, smtp, db });
  } finally {
    await server.stop();
    await smtp.stop();
    await db.end();
    await stopDatabase();
  }
}

/** The path of a link in a mail. */
export function linkIn(text: string, path: string): string {
  const url = new RegExp(`https?://\\S+${path}\\?token=\\S+`).exec(text)?.[0] ?? "";
  expect(url).not.toBe("");
  return url.slice(url.indexOf(path));
}

/** Lets so much time pass since the password was entered that step-up is due for every session. */
export async function letStepUpBeDue(db: pg.Pool): Promise<void> {
  await db.query("UPDATE sessions SET auth_time = now() - interval '16 minutes'");
}

/** Creates an account in the browser, and stays signed in. */
export async function signUp(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/signup");
  await page.getByLabel("Email").fill(email);
  await page.getByRole("textbox", { name: "Password", exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page).toHaveURL("/sessions");
}
