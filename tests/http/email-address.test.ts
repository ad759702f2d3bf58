import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { eventually } from "../support/http/timing";
import { PostOffice } from "../support/mail/post-office";
import { tokenOf } from "../support/mail/smtp";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

// The address of an account: confirmed and changed by the links of mails, as received.

const VERIFY_EMAIL = "/api/auth/email/verify";
const RESEND = "/api/auth/email/resend";
const EMAIL = "/api/auth/email";
const RESET = "/api/auth/password/reset";
const REPORT = "/api/auth/report";
const VERIFY = "/api/auth/verify";
const NEW_PASSWORD = "fourteen purple umbrellas";

let office: PostOffice;
beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office?.close());

describe("the address of an account", () => {
  test("is confirmed by the link of the mail that a sign-up sends, once", async () => {
    const email = freshEmail();
    const signedUp = await office.post("/api/auth/signup", { email, password: PASSWORD });
    const { token, user } = signedUp.json<{ token: string; user: { id: string; email_verified: boolean } }>();
    expect(user.email_verified).toBe(false);
    const link = tokenOf((await office.smtp.mail(email)).links[0]);
    const answer = await office.post(VERIFY_EMAIL, { token: link });
    expect([answer.status, answer.json()]).toEqual([200, { email }]);
    const verified = await eventually(async () => {
      const { user } = (await program(office.other, token).get(VERIFY)).json<{
        user: { email_verified: boolean };
      }>();
      expect(user.email_verified).toBe(true);
      return user;
    });
    expect(verified).toMatchObject({ email });
    expectProblem(await office.post(VERIFY_EMAIL, { token: link }, office.other), "invalid_link");
    expect(await office.typesOf(user.id)).toContain("email_verified");
    expect(office.smtp.to(email)).toHaveLength(1);
  });

  test("gets another link when its owner asks, three an hour, and none once it is confirmed", async () => {
    const { person, program: caller } = await newVisitor(office.server, office.db);
    for (let count = 0; count < 5; count += 1) {
      const answer = await caller.post(RESEND);
      expect([answer.status, answer.json()]).toEqual([202, {}]);
    }
    await eventually(() => expect(office.smtp.to(person.email)).toHaveLength(3));
    await office.outboxIsEmpty();
    const links = office.smtp.to(person.email).map(({ links }) => tokenOf(links[0]));
    expect((await office.post(VERIFY_EMAIL, { token: links[0] })).status).toBe(200);
    for (const token of links) expectProblem(await office.post(VERIFY_EMAIL, { token }), "invalid_link");
    expect((await caller.post(RESEND)).status).toBe(202);
    await office.outboxIsEmpty();
    expect(office.smtp.to(person.email)).toHaveLength(3);
    expectProblem(await program(office.server).post(RESEND), "missing_token");
  });
});

describe("a change of the address", () => {
  test("happens by the link to the new one, and the old one is told before", async () => {
    const visitor = await newVisitor(office.server, office.db);
    const { id, email: before } = visitor.person;
    await office.db.query("UPDATE users SET email_verified_at = now() WHERE id = $1", [id]);
    const after = freshEmail();
    const asked = await visitor.program.post(EMAIL, { json: { email: ` ${after.toUpperCase()}` } });
    expect([asked.status, asked.json()]).toEqual([202, {}]);

    const notice = await office.smtp.mail(before, /about to change/);
    expect(notice.text).toContain(after);
    const mail = await office.smtp.mail(after, /Confirm your new/);
    expect((await office.userOf(id)).email).toBe(before);
    const reset = await office.forgotten(before);
    expect((await office.post(VERIFY_EMAIL, { token: tokenOf(mail.links[0]) })).json()).toEqual({
      email: after,
    });
    expect(await office.userOf(id)).toMatchObject({ email: after, email_verified_at: expect.any(Date) });
    // What was sent to the old address opens nothing now.
    expectProblem(await office.post(RESET, { token: reset, new_password: NEW_PASSWORD }), "invalid_link");
    expect((await office.post("/api/auth/login", { email: after, password: PASSWORD })).status).toBe(200);
    expectProblem(
      await office.post("/api/auth/login", { email: before, password: PASSWORD }),
      "invalid_credentials",
    );
    expect(await office.typesOf(id)).toEqual(
      expect.arrayContaining(["email_change_requested", "email_changed"]),
    );
  });

  test("to an address that is taken gets the same answer, changes nothing, and its owner is told", async () => {
    const visitor = await newVisitor(office.server, office.db);
    const owner = await addPerson(office.db);
    const shapes = [];
    for (const email of [owner.email, freshEmail()]) {
      const { status, text, headers } = await visitor.program.post(EMAIL, { json: { email } });
      const { date: _, ...rest } = headers;
      shapes.push({ status, text, headers: rest });
    }
    expect(shapes[0]).toEqual(shapes[1]);
    const mail = await office.smtp.mail(owner.email, /entered for another/);
    expect(mail.links).toEqual([]);
    await office.outboxIsEmpty();
    expect(office.smtp.to(visitor.person.email)).toHaveLength(2);
    expect((await office.userOf(visitor.person.id)).email).toBe(visitor.person.email);
  });

  test("to an address that becomes somebody's meanwhile is refused, and changes nothing", async () => {
    const visitor = await newVisitor(office.server, office.db);
    const wanted = freshEmail();
    await visitor.program.post(EMAIL, { json: { email: wanted } });
    const token = tokenOf((await office.smtp.mail(wanted)).links[0]);
    await addPerson(office.db, { email: wanted });
    expectProblem(await office.post(VERIFY_EMAIL, { token }), "invalid_link");
    expect((await office.userOf(visitor.person.id)).email).toBe(visitor.person.email);
  });

  test("is stopped by the link of the notice, and undone after it has happened", async () => {
    for (const isDone of [false, true]) {
      const visitor = await newVisitor(office.server, office.db);
      const { id, email } = visitor.person;
      await office.db.query("UPDATE users SET email_verified_at = now() WHERE id = $1", [id]);
      const thief = freshEmail();
      await visitor.program.post(EMAIL, { json: { email: thief } });
      const change = { token: tokenOf((await office.smtp.mail(thief)).links[0]) };
      if (isDone) expect((await office.post(VERIFY_EMAIL, change)).status).toBe(200);
      const report = tokenOf((await office.smtp.mail(email, /about to change/)).links[0]);
      const answer = await office.post(REPORT, { token: report, everything: true });
      expect(answer.json()).toEqual({ ended: 1, reset_token: expect.any(String) });
      expectProblem(await office.post(VERIFY_EMAIL, change), "invalid_link");
      expect((await office.userOf(id)).email).toBe(email);
      const reset = { token: answer.json().reset_token, new_password: NEW_PASSWORD };
      expect((await office.post(RESET, reset)).status).toBe(200);
      expect((await office.post("/api/auth/login", { email, password: NEW_PASSWORD })).status).toBe(200);
    }
  });

  test("needs step-up, an address, and is not asked for without end", async () => {
    const stale = await newVisitor(office.server, office.db, { startedAgo: 3_600, provedAgo: 901 });
    const json = { email: freshEmail() };
    expectProblem(await stale.program.post(EMAIL, { json }), "insufficient_user_authentication");
    const visitor = await newVisitor(office.server, office.db);
    expectProblem(await visitor.program.post(EMAIL, { json: { email: "ada" } }), "invalid_request", [
      "email",
    ]);
    expectProblem(await visitor.program.post(EMAIL, { json: { ...json, id: 1 } }), "invalid_request", ["id"]);
    for (let count = 0; count < 10; count += 1)
      expect((await visitor.program.post(EMAIL, { json: { email: freshEmail() } })).status).toBe(202);
    expectProblem(await visitor.program.post(EMAIL, { json }), "rate_limited");
  });
});
