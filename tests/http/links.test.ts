import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, freshDatabase } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { type Server, startServer } from "../support/http/server";
import { eventually } from "../support/http/timing";
import { Smtp, tokenOf } from "../support/mail/smtp";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newSession, newVisitor } from "../support/people/visitors";

// Links in mails, as received: what each does, once, and all the ways in which it does nothing. Two instances, one database.

const VERIFY_EMAIL = "/api/auth/email/verify";
const RESEND = "/api/auth/email/resend";
const EMAIL = "/api/auth/email";
const FORGOT = "/api/auth/password/forgot";
const RESET = "/api/auth/password/reset";
const REPORT = "/api/auth/report";
const VERIFY = "/api/auth/verify";
const NEW_PASSWORD = "fourteen purple umbrellas";

let smtp: Smtp;
let server: Server;
let other: Server;
let db: pg.Pool;
beforeAll(async () => {
  smtp = await Smtp.start();
  const databaseUrl = await freshDatabase();
  const env = { SMTP_URL: smtp.url };
  server = await startServer({ databaseUrl, env });
  other = await startServer({
    databaseUrl,
    secrets: server.secrets,
    env: { ...env, PUBLIC_ORIGIN: server.origin },
  });
  db = connect(databaseUrl);
});
afterAll(async () => {
  await Promise.all([server?.stop(), other?.stop()]);
  await smtp?.stop();
  await db?.end();
});

const post = (path: string, json: Record<string, unknown>, place = server) =>
  program(place).post(path, { json });
const userOf = async (id: string) => (await db.query("SELECT * FROM users WHERE id = $1", [id])).rows[0];
const typesOf = async (id: string): Promise<string[]> => {
  const sql = "SELECT type FROM security_events WHERE user_id = $1 ORDER BY created_at, id";
  return (await db.query<{ type: string }>(sql, [id])).rows.map(({ type }) => type);
};
const outboxIsEmpty = () =>
  eventually(async () => expect((await db.query("SELECT FROM outbox")).rows).toHaveLength(0));

/** Asks for a new password, and gives the token of the mail. */
async function forgotten(email: string): Promise<string> {
  const before = smtp.to(email).length;
  expect((await post(FORGOT, { email })).status).toBe(202);
  return eventually(() => {
    const mail = smtp
      .to(email)
      .slice(before)
      .find(({ subject }) => /new password/.test(subject));
    if (!mail) throw new Error("There is no mail yet.");
    return tokenOf(mail.links[0]);
  });
}

/** Makes a link by hand. */
async function madeLink(
  purpose: "verify" | "reset" | "report",
  { id, email }: { id: string; email: string },
  { session = null as string | null, expiresIn = 60 } = {},
): Promise<string> {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  await db.query(
    `INSERT INTO links (purpose, token_hash, user_id, email, session_id, expires_at)
     VALUES ($1, sha256(convert_to($2, 'UTF8')), $3, $4, $5, now() + make_interval(secs => $6))`,
    [purpose, token, id, purpose === "report" ? null : email, session, expiresIn],
  );
  return token;
}

const USES = {
  verify: [VERIFY_EMAIL, {}],
  reset: [RESET, { new_password: NEW_PASSWORD }],
  report: [REPORT, {}],
} as const;
const PURPOSES = ["verify", "reset", "report"] as const;

describe("the address of an account", () => {
  test("is confirmed by the link of the mail that a sign-up sends, once", async () => {
    const email = freshEmail();
    const signedUp = await post("/api/auth/signup", { email, password: PASSWORD });
    const { token, user } = signedUp.json<{ token: string; user: { id: string; email_verified: boolean } }>();
    expect(user.email_verified).toBe(false);
    const link = tokenOf((await smtp.mail(email)).links[0]);
    const answer = await post(VERIFY_EMAIL, { token: link });
    expect([answer.status, answer.json()]).toEqual([200, { email }]);
    const verified = await eventually(async () => {
      const { user } = (await program(other, token).get(VERIFY)).json<{
        user: { email_verified: boolean };
      }>();
      expect(user.email_verified).toBe(true);
      return user;
    });
    expect(verified).toMatchObject({ email });
    expectProblem(await post(VERIFY_EMAIL, { token: link }, other), "invalid_link");
    expect(await typesOf(user.id)).toContain("email_verified");
    expect(smtp.to(email)).toHaveLength(1);
  });

  test("gets another link when its owner asks, three an hour, and none once it is confirmed", async () => {
    const { person, program: caller } = await newVisitor(server, db);
    for (let count = 0; count < 5; count += 1) {
      const answer = await caller.post(RESEND);
      expect([answer.status, answer.json()]).toEqual([202, {}]);
    }
    await eventually(() => expect(smtp.to(person.email)).toHaveLength(3));
    await outboxIsEmpty();
    const links = smtp.to(person.email).map(({ links }) => tokenOf(links[0]));
    expect((await post(VERIFY_EMAIL, { token: links[0] })).status).toBe(200);
    for (const token of links) expectProblem(await post(VERIFY_EMAIL, { token }), "invalid_link");
    expect((await caller.post(RESEND)).status).toBe(202);
    await outboxIsEmpty();
    expect(smtp.to(person.email)).toHaveLength(3);
    expectProblem(await program(server).post(RESEND), "missing_token");
  });
});

describe("a change of the address", () => {
  test("happens by the link to the new one, and the old one is told before", async () => {
    const visitor = await newVisitor(server, db);
    const { id, email: before } = visitor.person;
    await db.query("UPDATE users SET email_verified_at = now() WHERE id = $1", [id]);
    const after = freshEmail();
    const asked = await visitor.program.post(EMAIL, { json: { email: ` ${after.toUpperCase()}` } });
    expect([asked.status, asked.json()]).toEqual([202, {}]);

    const notice = await smtp.mail(before, /about to change/);
    expect(notice.text).toContain(after);
    const mail = await smtp.mail(after, /Confirm your new/);
    expect((await userOf(id)).email).toBe(before);
    const reset = await forgotten(before);
    expect((await post(VERIFY_EMAIL, { token: tokenOf(mail.links[0]) })).json()).toEqual({ email: after });
    expect(await userOf(id)).toMatchObject({ email: after, email_verified_at: expect.any(Date) });
    // What was sent to the old address opens nothing now.
    expectProblem(await post(RESET, { token: reset, new_password: NEW_PASSWORD }), "invalid_link");
    expect((await post("/api/auth/login", { email: after, password: PASSWORD })).status).toBe(200);
    expectProblem(
      await post("/api/auth/login", { email: before, password: PASSWORD }),
      "invalid_credentials",
    );
    expect(await typesOf(id)).toEqual(expect.arrayContaining(["email_change_requested", "email_changed"]));
  });

  test("to an address that is taken gets the same answer, changes nothing, and its owner is told", async () => {
    const visitor = await newVisitor(server, db);
    const owner = await addPerson(db);
    const shapes = [];
    for (const email of [owner.email, freshEmail()]) {
      const { status, text, headers } = await visitor.program.post(EMAIL, { json: { email } });
      const { date: _, ...rest } = headers;
      shapes.push({ status, text, headers: rest });
    }
    expect(shapes[0]).toEqual(shapes[1]);
    const mail = await smtp.mail(owner.email, /entered for another/);
    expect(mail.links).toEqual([]);
    await outboxIsEmpty();
    expect(smtp.to(visitor.person.email)).toHaveLength(2);
    expect((await userOf(visitor.person.id)).email).toBe(visitor.person.email);
  });

  test("to an address that becomes somebody's meanwhile is refused, and changes nothing", async () => {
    const visitor = await newVisitor(server, db);
    const wanted = freshEmail();
    await visitor.program.post(EMAIL, { json: { email: wanted } });
    const token = tokenOf((await smtp.mail(wanted)).links[0]);
    await addPerson(db, { email: wanted });
    expectProblem(await post(VERIFY_EMAIL, { token }), "invalid_link");
    expect((await userOf(visitor.person.id)).email).toBe(visitor.person.email);
  });

  test("is stopped by the link of the notice, and undone after it has happened", async () => {
    for (const isDone of [false, true]) {
      const visitor = await newVisitor(server, db);
      const { id, email } = visitor.person;
      await db.query("UPDATE users SET email_verified_at = now() WHERE id = $1", [id]);
      const thief = freshEmail();
      await visitor.program.post(EMAIL, { json: { email: thief } });
      const change = { token: tokenOf((await smtp.mail(thief)).links[0]) };
      if (isDone) expect((await post(VERIFY_EMAIL, change)).status).toBe(200);
      const report = tokenOf((await smtp.mail(email, /about to change/)).links[0]);
      const answer = await post(REPORT, { token: report, everything: true });
      expect(answer.json()).toEqual({ ended: 1, reset_token: expect.any(String) });
      expectProblem(await post(VERIFY_EMAIL, change), "invalid_link");
      expect((await userOf(id)).email).toBe(email);
      const reset = { token: answer.json().reset_token, new_password: NEW_PASSWORD };
      expect((await post(RESET, reset)).status).toBe(200);
      expect((await post("/api/auth/login", { email, password: NEW_PASSWORD })).status).toBe(200);
    }
  });

  test("needs step-up, an address, and is not asked for without end", async () => {
    const stale = await newVisitor(server, db, { startedAgo: 3_600, provedAgo: 901 });
    const json = { email: freshEmail() };
    expectProblem(await stale.program.post(EMAIL, { json }), "insufficient_user_authentication");
    const visitor = await newVisitor(server, db);
    expectProblem(await visitor.program.post(EMAIL, { json: { email: "ada" } }), "invalid_request", [
      "email",
    ]);
    expectProblem(await visitor.program.post(EMAIL, { json: { ...json, id: 1 } }), "invalid_request", ["id"]);
    for (let count = 0; count < 10; count += 1)
      expect((await visitor.program.post(EMAIL, { json: { email: freshEmail() } })).status).toBe(202);
    expectProblem(await visitor.program.post(EMAIL, { json }), "rate_limited");
  });
});

describe("a forgotten password", () => {
  test("is replaced by the link: every session ends, the address is confirmed, older links are worth nothing", async () => {
    const visitor = await newVisitor(server, db, { kind: "browser" });
    const { id, email } = visitor.person;
    const older = await forgotten(email);
    const token = await forgotten(email);
    expect((await program(other, visitor.token).get(VERIFY)).status).toBe(200);

    const answer = await post(RESET, { token, new_password: NEW_PASSWORD });
    expect([answer.status, answer.json()]).toEqual([200, { ended: 1 }]);
    for (const place of [server, other])
      expectProblem(await program(place, visitor.token).get(VERIFY), "session_ended");
    const { rows } = await db.query("SELECT ended_reason FROM sessions WHERE user_id = $1", [id]);
    expect(rows).toEqual([{ ended_reason: "password_reset" }]);
    expect((await userOf(id)).email_verified_at).toBeInstanceOf(Date);
    for (const used of [token, older])
      expectProblem(await post(RESET, { token: used, new_password: PASSWORD }), "invalid_link");
    expectProblem(await post("/api/auth/login", { email, password: PASSWORD }), "invalid_credentials");
    expect((await post("/api/auth/login", { email, password: NEW_PASSWORD })).status).toBe(200);
    expect(await typesOf(id)).toEqual(expect.arrayContaining(["password_reset_requested", "password_reset"]));
  });

  test("has the same answer for every address, and at most three mails an hour", async () => {
    const { email } = await addPerson(db);
    const disabled = await addPerson(db, { disabled: true });
    const unknown = freshEmail();
    const shapes = new Set<string>();
    for (let count = 0; count < 5; count += 1)
      for (const each of [email, unknown, disabled.email, `${unknown}.`]) {
        const { status, text, headers } = await post(FORGOT, { email: each });
        const { date: _, ...rest } = headers;
        shapes.add(JSON.stringify([status, text, rest]));
      }
    expect([...shapes]).toEqual([expect.stringContaining('[202,"{}"')]);
    await outboxIsEmpty();
    expect(smtp.to(email)).toHaveLength(3);
    expect([...smtp.to(unknown), ...smtp.to(disabled.email)]).toEqual([]);
  });

  test("and a new one that is weak uses no link up", async () => {
    const { email } = await addPerson(db);
    const token = await forgotten(email);
    for (const weak of ["short", email.repeat(2), "passwordpassword"]) {
      const answer = await post(RESET, { token, new_password: weak });
      expectProblem(answer, "invalid_request", ["new_password"]);
    }
    expect((await post(RESET, { token, new_password: NEW_PASSWORD })).status).toBe(200);
  });

  test("lifts the lock that guessing has put on the account, for strangers and for the owner", async () => {
    const { email } = await addPerson(db);
    const owner = program(server);
    const guess = (client: typeof owner, password: string) =>
      client.post("/api/auth/login", { json: { email, password } });
    for (let count = 0; count < 5; count += 1) await guess(owner, "wrong");
    for (let count = 0; count < 95; count += 5) {
      const stranger = program(server);
      for (let each = 0; each < 5; each += 1) await guess(stranger, "wrong");
    }
    expectProblem(await guess(program(server), PASSWORD), "rate_limited");
    const token = await forgotten(email);
    expect((await owner.post(RESET, { json: { token, new_password: NEW_PASSWORD } })).status).toBe(200);
    expect((await guess(owner, NEW_PASSWORD)).status).toBe(200);
    expect((await guess(program(server), NEW_PASSWORD)).status).toBe(200);
  });

  test.each([
    ["no address", {}, ["email"]],
    ["a text that is none", { email: "ada" }, ["email"]],
    ["an unknown member", { email: "a@b.example", user: 1 }, ["user"]],
  ])("asked for with %s names the member", async (_, json, fields) => {
    expectProblem(await post(FORGOT, json), "invalid_request", fields);
  });
});

describe("this wasn't me", () => {
  test("ends the session of the notice and those of programs, and opens a reset", async () => {
    const person = await addPerson(db, { verified: true });
    const { email } = person;
    const known = await newSession(server, db, person, { kind: "browser" });
    const api = await newSession(server, db, person, { kind: "api" });
    const thief = browser(other);
    await thief.post("/api/auth/login", { form: { email, password: PASSWORD } });
    const mail = await smtp.mail(email, /New sign-in to Latchkey: Chrome on Linux/);
    expect(mail.links).toEqual([expect.stringContaining(`${server.origin}/report?token=`)]);

    const token = tokenOf(mail.links[0]);
    const answer = await post(REPORT, { token });
    expect(answer.json()).toEqual({ ended: 2, reset_token: expect.stringMatching(/^[\w-]{43}$/) });
    expectProblem(await thief.get(VERIFY), "session_ended");
    expectProblem(await program(other, api.token).get(VERIFY), "session_ended");
    expect((await program(other, known.token).get(VERIFY)).status).toBe(200);
    const { rows } = await db.query(
      "SELECT ended_reason FROM sessions WHERE user_id = $1 AND ended_at IS NOT NULL",
      [person.id],
    );
    expect(rows).toEqual([{ ended_reason: "reported" }, { ended_reason: "reported" }]);
    expectProblem(await post(REPORT, { token }, other), "invalid_link");
    const reset = { token: answer.json().reset_token, new_password: NEW_PASSWORD };
    expect((await post(RESET, reset)).json()).toEqual({ ended: 1 });
    expect(await typesOf(person.id)).toContain("session_reported");
  });

  test("with everything ends every session", async () => {
    const visitor = await newVisitor(server, db, { kind: "browser" });
    await newSession(server, db, visitor.person, { kind: "browser" });
    const token = await madeLink("report", visitor.person, { session: visitor.row.id });
    expect((await post(REPORT, { token, everything: true })).json()).toMatchObject({ ended: 2 });
    expectProblem(await visitor.program.get(VERIFY), "session_ended");
  });

  test("a browser that the account has used before is not told of, whatever other accounts it had", async () => {
    const [person, second] = [
      await addPerson(db, { verified: true }),
      await addPerson(db, { verified: true }),
    ];
    const visitor = browser(server);
    for (const { email } of [person, second, person, second])
      expect((await visitor.post("/api/auth/login", { form: { email, password: PASSWORD } })).status).toBe(
        303,
      );
    await outboxIsEmpty();
    expect([smtp.to(person.email).length, smtp.to(second.email).length]).toEqual([1, 1]);
  });

  test("a sign-up is not told as a new sign-in, and one by a form with a known address is told its owner", async () => {
    const email = freshEmail();
    await browser(server).post("/api/auth/signup", { form: { email, password: PASSWORD } });
    await smtp.mail(email, /Confirm/);
    for (let count = 0; count < 5; count += 1)
      await browser(server).post("/api/auth/signup", { form: { email, password: NEW_PASSWORD } });
    await post("/api/auth/signup", { email, password: NEW_PASSWORD });
    await smtp.mail(email, /already have an account/);
    await outboxIsEmpty();
    // At most three an hour, and none for the program, which was told.
    expect(smtp.to(email).map(({ subject }) => /already/.test(subject))).toEqual([false, true, true, true]);
  });
});

describe("a link", () => {
  test.each(PURPOSES)(
    "to %s that is used by two at once, on two instances, has one winner",
    async (purpose) => {
      const [path, more] = USES[purpose];
      for (let round = 0; round < 4; round += 1) {
        const visitor = await newVisitor(server, db);
        const token = await madeLink(purpose, visitor.person, { session: visitor.row.id });
        const answers = await Promise.all(
          [server, other, server, other].map((place) => post(path, { token, ...more }, place)),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
        for (const answer of answers) if (answer.status === 400) expectProblem(answer, "invalid_link");
      }
    },
  );

  test.each(PURPOSES)(
    "to %s does nothing for another purpose, and stays good for its own",
    async (purpose) => {
      const visitor = await newVisitor(server, db);
      const token = await madeLink(purpose, visitor.person, { session: visitor.row.id });
      for (const wrong of PURPOSES.filter((each) => each !== purpose)) {
        const [path, more] = USES[wrong];
        expectProblem(await post(path, { token, ...more }), "invalid_link");
      }
      expect((await visitor.program.get(VERIFY)).status).toBe(200);
      const [path, more] = USES[purpose];
      expect((await post(path, { token, ...more })).status).toBe(200);
    },
  );

  test.each(PURPOSES)(
    "to %s that has run out, is made up, or of a disabled account is refused",
    async (purpose) => {
      const [path, more] = USES[purpose];
      const visitor = await newVisitor(server, db);
      const late = await madeLink(purpose, visitor.person, { expiresIn: -1 });
      const good = await madeLink(purpose, visitor.person);
      for (const token of [
        late,
        "",
        "x",
        "x".repeat(43),
        `${good}x`,
        good.slice(1),
        "\u0000",
        "☃".repeat(43),
      ])
        expectProblem(await post(path, { token, ...more }), "invalid_link");
      expectProblem(await post(path, { token: 1, ...more }), "invalid_request", ["token"]);
      expect((await visitor.program.get(VERIFY)).status).toBe(200);
      await db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [visitor.person.id]);
      expectProblem(await post(path, { token: good, ...more }), "invalid_link");
    },
  );

  test.each(PURPOSES)("to %s that a scanner opens changes nothing, and leaks no address", async (purpose) => {
    const visitor = await newVisitor(server, db);
    const token = await madeLink(purpose, visitor.person, { session: visitor.row.id });
    const page = { verify: "/verify-email", reset: "/reset-password", report: "/report" }[purpose];
    for (const method of ["GET", "HEAD", "GET"]) {
      const answer = await browser(server).send(method, `${page}?token=${token}`);
      expect(answer.status).toBe(200);
      expect(answer.headers["referrer-policy"]).toBe("no-referrer");
      expect(answer.headers["cache-control"]).toContain("no-store");
      expect(answer.text).not.toMatch(/https?:\/\/(?!localhost|www\.w3\.org)/);
    }
    expect((await browser(server).send("GET", USES[purpose][0])).status).toBe(405);
    expect((await visitor.program.get(VERIFY)).status).toBe(200);
    const [path, more] = USES[purpose];
    expect((await post(path, { token, ...more })).status).toBe(200);
  });

  test("names our origin, whatever host the request for it named", async () => {
    const { email } = await addPerson(db);
    await program(server).post(FORGOT, {
      json: { email },
      headers: { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
    });
    const mail = await smtp.mail(email);
    expect(mail.links).toEqual([expect.stringContaining(`${server.origin}/reset-password?token=`)]);
    expect(mail.raw).not.toContain("evil");
  });

  test("is used by a plain form of its page, and a form of another site is refused", async () => {
    const visitor = await newVisitor(server, db, { kind: "browser" });
    const token = await madeLink("reset", visitor.person);
    const form = { token, new_password: "short" };
    const weak = await browser(server).post(RESET, { form });
    expect(weak.status).toBe(303);
    expect(weak.headers.location).toMatch(
      /^\/reset-password\?error=invalid_request&token=[\w-]{43}&new_password=/,
    );
    expect(weak.headers.location).not.toContain("short");
    const foreign = await browser(server).post(RESET, {
      form: { ...form, new_password: NEW_PASSWORD },
      headers: { "sec-fetch-site": "cross-site" },
    });
    expectProblem(foreign, "cross_site_request");
    const done = await browser(server).post(RESET, { form: { ...form, new_password: NEW_PASSWORD } });
    expect([done.status, done.headers.location]).toEqual([303, "/reset-password?done=1"]);
    const again = await browser(server).post(RESET, { form: { ...form, new_password: NEW_PASSWORD } });
    expect(again.headers.location).toBe("/reset-password?error=invalid_link");

    const report = await madeLink("report", visitor.person, { session: visitor.row.id });
    const next = await browser(server).post(REPORT, { form: { token: report, everything: "on" } });
    expect(next.headers.location).toMatch(/^\/reset-password\?token=[\w-]{43}$/);
    const verify = await madeLink("verify", visitor.person);
    const verified = await browser(server).post(VERIFY_EMAIL, { form: { token: verify } });
    expect(verified.headers.location).toBe("/verify-email?done=1");
  });
});
