import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { PostOffice } from "../support/mail/post-office";
import { tokenOf } from "../support/mail/smtp";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newSession, newVisitor } from "../support/people/visitors";

// Notices of new sign-ins, and what their links do.

const RESET = "/api/auth/password/reset";
const REPORT = "/api/auth/report";
const VERIFY = "/api/auth/verify";
const NEW_PASSWORD = "fourteen purple umbrellas";

let office: PostOffice;
beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office?.close());

describe("this wasn't me", () => {
  test("ends the session of the notice and those of programs, and opens a reset", async () => {
    const person = await addPerson(office.db, { verified: true });
    const { email } = person;
    const known = await newSession(office.server, office.db, person, { kind: "browser" });
    const api = await newSession(office.server, office.db, person, { kind: "api" });
    const thief = browser(office.other);
    await thief.post("/api/auth/login", { form: { email, password: PASSWORD } });
    const mail = await office.smtp.mail(email, /New sign-in to .+: Chrome on Linux/);
    expect(mail.links).toEqual([expect.stringContaining(`${office.server.origin}/report?token=`)]);

    const token = tokenOf(mail.links[0]);
    const answer = await office.post(REPORT, { token });
    expect(answer.json()).toEqual({ ended: 2, reset_token: expect.stringMatching(/^[\w-]{43}$/) });
    expectProblem(await thief.get(VERIFY), "session_ended");
    expectProblem(await program(office.other, api.token).get(VERIFY), "session_ended");
    expect((await program(office.other, known.token).get(VERIFY)).status).toBe(200);
    const { rows } = await office.db.query(
      "SELECT ended_reason FROM sessions WHERE user_id = $1 AND ended_at IS NOT NULL",
      [person.id],
    );
    expect(rows).toEqual([{ ended_reason: "reported" }, { ended_reason: "reported" }]);
    expectProblem(await office.post(REPORT, { token }, office.other), "invalid_link");
    const reset = { token: answer.json().reset_token, new_password: NEW_PASSWORD };
    expect((await office.post(RESET, reset)).json()).toEqual({ ended: 1 });
    expect(await office.typesOf(person.id)).toContain("session_reported");
  });

  test("with everything ends every session", async () => {
    const visitor = await newVisitor(office.server, office.db, { kind: "browser" });
    await newSession(office.server, office.db, visitor.person, { kind: "browser" });
    const token = await office.madeLink("report", visitor.person, { session: visitor.row.id });
    expect((await office.post(REPORT, { token, everything: true })).json()).toMatchObject({ ended: 2 });
    expectProblem(await visitor.program.get(VERIFY), "session_ended");
  });

  test("a browser that the account has used before is not told of, whatever office.other accounts it had", async () => {
    const [person, second] = [
      await addPerson(office.db, { verified: true }),
      await addPerson(office.db, { verified: true }),
    ];
    const visitor = browser(office.server);
    for (const { email } of [person, second, person, second])
      expect((await visitor.post("/api/auth/login", { form: { email, password: PASSWORD } })).status).toBe(
        303,
      );
    await office.outboxIsEmpty();
    expect([office.smtp.to(person.email).length, office.smtp.to(second.email).length]).toEqual([1, 1]);
  });

  test("a sign-up is not told as a new sign-in, and one by a form with a known address is told its owner", async () => {
    const email = freshEmail();
    await browser(office.server).post("/api/auth/signup", { form: { email, password: PASSWORD } });
    await office.smtp.mail(email, /Confirm/);
    for (let count = 0; count < 5; count += 1)
      await browser(office.server).post("/api/auth/signup", { form: { email, password: NEW_PASSWORD } });
    await office.post("/api/auth/signup", { email, password: NEW_PASSWORD });
    await office.smtp.mail(email, /already have an account/);
    await office.outboxIsEmpty();
    // At most three an hour, and none for the program, which was told.
    expect(office.smtp.to(email).map(({ subject }) => /already/.test(subject))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});
