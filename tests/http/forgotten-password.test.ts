import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { PostOffice } from "../support/mail/post-office";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

// A new password by the link of a mail, as received.

const FORGOT = "/api/auth/password/forgot";
const RESET = "/api/auth/password/reset";
const VERIFY = "/api/auth/verify";
const NEW_PASSWORD = "fourteen purple umbrellas";

let office: PostOffice;
beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office?.close());

describe("a forgotten password", () => {
  test("is replaced by the link: every session ends, the address is confirmed, older links are worth nothing", async () => {
    const visitor = await newVisitor(office.server, office.db, { kind: "browser" });
    const { id, email } = visitor.person;
    const older = await office.forgotten(email);
    const token = await office.forgotten(email);
    expect((await program(office.other, visitor.token).get(VERIFY)).status).toBe(200);

    const answer = await office.post(RESET, { token, new_password: NEW_PASSWORD });
    expect([answer.status, answer.json()]).toEqual([200, { ended: 1 }]);
    for (const place of [office.server, office.other])
      expectProblem(await program(place, visitor.token).get(VERIFY), "session_ended");
    const { rows } = await office.db.query("SELECT ended_reason FROM sessions WHERE user_id = $1", [id]);
    expect(rows).toEqual([{ ended_reason: "password_reset" }]);
    expect((await office.userOf(id)).email_verified_at).toBeInstanceOf(Date);
    for (const used of [token, older])
      expectProblem(await office.post(RESET, { token: used, new_password: PASSWORD }), "invalid_link");
    expectProblem(await office.post("/api/auth/login", { email, password: PASSWORD }), "invalid_credentials");
    expect((await office.post("/api/auth/login", { email, password: NEW_PASSWORD })).status).toBe(200);
    expect(await office.typesOf(id)).toEqual(
      expect.arrayContaining(["password_reset_requested", "password_reset"]),
    );
    expect((await office.smtp.mail(email, /was changed/)).links).toEqual([]);
  });

  test("has the same answer for every address, and at most three mails an hour", async () => {
    const { email } = await addPerson(office.db);
    const disabled = await addPerson(office.db, { disabled: true });
    const unknown = freshEmail();
    const shapes = new Set<string>();
    for (let count = 0; count < 5; count += 1)
      for (const each of [email, unknown, disabled.email, `${unknown}.`]) {
        const { status, text, headers } = await office.post(FORGOT, { email: each });
        const { date: _, ...rest } = headers;
        shapes.add(JSON.stringify([status, text, rest]));
      }
    expect([...shapes]).toEqual([expect.stringContaining('[202,"{}"')]);
    await office.outboxIsEmpty();
    expect(office.smtp.to(email)).toHaveLength(3);
    expect([...office.smtp.to(unknown), ...office.smtp.to(disabled.email)]).toEqual([]);
  });

  test("and a new one that is weak uses no link up", async () => {
    const { email } = await addPerson(office.db);
    const token = await office.forgotten(email);
    for (const weak of ["short", email.repeat(2), "passwordpassword"]) {
      const answer = await office.post(RESET, { token, new_password: weak });
      expectProblem(answer, "invalid_request", ["new_password"]);
    }
    expect((await office.post(RESET, { token, new_password: NEW_PASSWORD })).status).toBe(200);
  });

  test("lifts the lock that guessing has put on the account, for strangers and for the owner", async () => {
    const { email } = await addPerson(office.db);
    const owner = program(office.server);
    const guess = (client: typeof owner, password: string) =>
      client.post("/api/auth/login", { json: { email, password } });
    for (let count = 0; count < 5; count += 1) await guess(owner, "wrong");
    for (let count = 0; count < 95; count += 5) {
      const stranger = program(office.server);
      for (let each = 0; each < 5; each += 1) await guess(stranger, "wrong");
    }
    expectProblem(await guess(program(office.server), PASSWORD), "rate_limited");
    const token = await office.forgotten(email);
    expect((await owner.post(RESET, { json: { token, new_password: NEW_PASSWORD } })).status).toBe(200);
    expect((await guess(owner, NEW_PASSWORD)).status).toBe(200);
    expect((await guess(program(office.server), NEW_PASSWORD)).status).toBe(200);
  });

  test("is asked for by a plain form, which is told nothing either", async () => {
    const { email } = await addPerson(office.db);
    for (const each of [email, freshEmail()]) {
      const answer = await browser(office.server).post(FORGOT, { form: { email: each } });
      expect([answer.status, answer.headers.location]).toEqual([303, "/forgot-password?sent=1"]);
    }
    await office.smtp.mail(email, /new password/);
    const wrong = await browser(office.server).post(FORGOT, { form: { email: "ada" } });
    expect(wrong.headers.location).toMatch(/^\/forgot-password\?error=invalid_request&email=/);
    const headers = { "sec-fetch-site": "cross-site" };
    const foreign = await browser(office.server).post(FORGOT, { form: { email }, headers });
    expectProblem(foreign, "cross_site_request");
  });

  test.each([
    ["no address", {}, ["email"]],
    ["a text that is none", { email: "ada" }, ["email"]],
    ["an unknown member", { email: "a@b.example", user: 1 }, ["user"]],
  ])("asked for with %s names the member", async (_, json, fields) => {
    expectProblem(await office.post(FORGOT, json), "invalid_request", fields);
  });
});
