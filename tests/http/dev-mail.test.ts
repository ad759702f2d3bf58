import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { freshDatabase } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { type Server, startServer } from "../support/http/server";
import { eventually } from "../support/http/timing";
import { freshEmail, PASSWORD } from "../support/people/people";

// The outbox as developers see it, who have no server for mail.

const PAGE = "/dev/mail";
const LINK = /href="(http:\/\/localhost:\d+\/reset-password\?token=([\w-]{43}))"/;

let preview: Server;
beforeAll(async () => {
  preview = await startServer({
    databaseUrl: await freshDatabase(),
    env: { LATCHKEY_PREVIEW: "1", SMTP_URL: "" },
  });
});
afterAll(() => preview?.stop());

test("a preview shows the mails that it would send, with links that work", async () => {
  const email = freshEmail();
  await program(preview).post("/api/auth/signup", { json: { email, password: PASSWORD } });
  await program(preview).post("/api/auth/password/forgot", { json: { email } });
  const token = await eventually(async () => {
    const page = await browser(preview).get(PAGE);
    expect(page.status).toBe(200);
    expect(page.text).toContain("Confirm your email address");
    expect(page.text).toContain(email);
    return LINK.exec(page.text)?.[2] ?? expect.fail("The link is not there yet.");
  });
  const json = { token, new_password: "fourteen purple umbrellas" };
  expect((await program(preview).post("/api/auth/password/reset", { json })).json()).toEqual({ ended: 1 });
  // It stays to be looked at.
  expect((await browser(preview).get(PAGE)).text).toContain(token);
});

test("production has no such page", async () => {
  const answer = await browser(inject("plain")).get(PAGE);
  expect(answer.status).toBe(307);
  expect(answer.headers.location).toContain("/login");
});
