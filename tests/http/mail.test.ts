import { EventEmitter, once } from "node:events";
import { createServer } from "node:net";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PRODUCT } from "@/lib/product";
import { connect, freshDatabase } from "../support/database/database";
import { program } from "../support/http/client";
import { type Server, type ServerOptions, startServer, unusedPort } from "../support/http/server";
import { eventually, within } from "../support/http/timing";
import { reply, Smtp, type SmtpOptions, tokenOf } from "../support/mail/smtp";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";

// Mail on its way from the outbox to a real server for mail, through what goes wrong there.

const SIGN_UP = "/api/auth/signup";
const FORGOT = "/api/auth/password/forgot";

let databaseUrl: string;
let db: pg.Pool;
beforeAll(async () => {
  databaseUrl = await freshDatabase();
  db = connect(databaseUrl);
});
afterAll(() => db?.end());

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
  await db.query("DELETE FROM outbox");
});

async function smtpServer(options?: SmtpOptions): Promise<Smtp> {
  const smtp = await Smtp.start(options);
  open.push(smtp);
  return smtp;
}

async function server(url: string, options: Partial<ServerOptions> = {}): Promise<Server> {
  const started = await startServer({
    databaseUrl,
    ...options,
    env: { SMTP_URL: url, MAIL_FROM: "Latchkey <hello@mail.example>", ...options.env },
  });
  open.push(started);
  return started;
}

const signUp = async (place: Server, email = freshEmail()) => {
  const answer = await program(place).post(SIGN_UP, { json: { email, password: PASSWORD } });
  expect(answer.status).toBe(201);
  return email;
};
const isEmpty = async () => expect((await db.query("SELECT FROM outbox")).rows).toHaveLength(0);

describe("a mail", () => {
  test("is sent once, as text and HTML with the same link, and leaves nothing in the outbox", async () => {
    const smtp = await smtpServer();
    const place = await server(smtp.url);
    const email = await signUp(place);
    const mail = await smtp.mail(email);
    expect(mail.from).toBe("hello@mail.example");
    expect(mail.raw).toMatch(/^From: Latchkey <hello@mail.example>/m);
    expect(mail.raw).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mail.subject).toBe(`Confirm your email address for ${PRODUCT.name}`);
    expect(mail.links).toEqual([
      expect.stringMatching(new RegExp(`^${place.origin}/verify-email\\?token=[\\w-]{43}$`)),
    ]);
    expect(mail.htmlLinks).toEqual(mail.links);
    expect(mail.html).not.toMatch(/<(img|script|link)\b/);
    await eventually(isEmpty);
    expect(smtp.received).toHaveLength(1);
    expect(place.lines.join("\n")).not.toContain(tokenOf(mail.links[0]));
    expect(place.lines.join("\n")).not.toContain(email);
  });

  test("stands in the database without its token in clear, and its link only as a hash", async () => {
    // Nobody listens there.
    const place = await server(`smtp://127.0.0.1:${await unusedPort()}`);
    const email = await signUp(place);
    const { rows: mails } = await db.query("SELECT * FROM outbox WHERE address = $1", [email]);
    expect(mails).toHaveLength(1);
    const { rows: links } = await db.query("SELECT * FROM links WHERE email = $1", [email]);
    expect(links).toHaveLength(1);
    expect(JSON.stringify([mails, links])).not.toMatch(/token=|verify-email/);
    // It arrives when there is a server, so it was there all the time.
    expect(mails[0].data).toMatch(/^Fe26\.2\*/);
  });

  test("carries no text that a stranger has chosen", async () => {
    const smtp = await smtpServer();
    const place = await server(smtp.url);
    const email = freshEmail();
    const name = "Click http://evil.example now";
    await program(place).post(SIGN_UP, { json: { email, password: PASSWORD, name } });
    const { text, html, subject } = await smtp.mail(email);
    expect(text + html + subject).not.toContain("evil");
  });
});

describe("trouble with the server for mail", () => {
  test("that refuses twice for the moment delays a mail by seconds, and sends it once", async () => {
    const smtp = await smtpServer({
      onRecipient: (_, attempt) => {
        if (attempt <= 2) throw reply(451);
      },
    });
    const place = await server(smtp.url);
    const email = await signUp(place);
    await smtp.mail(email);
    await eventually(isEmpty);
    expect(smtp.attempts).toEqual([email, email, email]);
    expect(smtp.to(email)).toHaveLength(1);
    expect(place.lines.join("\n")).not.toContain(email);
  });

  test("that is down keeps nobody from starting or signing up, and the mail comes when it is back", async () => {
    const port = await unusedPort();
    const place = await server(`smtp://127.0.0.1:${port}`);
    const email = await signUp(place);
    await place.line(/"event":"mail_postponed".*"code":"ESOCKET"/);
    const smtp = await smtpServer({ port });
    await smtp.mail(email);
    await eventually(isEmpty);
    expect(smtp.to(email)).toHaveLength(1);
  });

  test("that knows no such mailbox ends the attempts", async () => {
    const smtp = await smtpServer({
      onRecipient: () => {
        throw reply(550);
      },
    });
    const place = await server(smtp.url);
    const email = await signUp(place);
    await place.line(/"event":"mail_given_up".*"reply":550/);
    await eventually(isEmpty);
    expect(smtp.attempts).toEqual([email]);
  });

  test("that takes long to accept a mail gets each once, from two instances", async () => {
    // Accepts two at a time: each instance waits for its mail until the other one has begun with another.
    const held: (() => void)[] = [];
    const beforeAccepting = () =>
      new Promise<void>((accept) => {
        held.push(accept);
        if (held.length === 2) for (const each of held.splice(0)) each();
      });
    const smtp = await smtpServer({ beforeAccepting });
    const first = await server(smtp.url);
    const second = await server(smtp.url, { secrets: first.secrets, env: { PUBLIC_ORIGIN: first.origin } });
    const emails = await Promise.all(
      [first, second, first, second, first, second].map((each) => signUp(each)),
    );
    await Promise.all(emails.map((email) => smtp.mail(email)));
    await eventually(isEmpty);
    expect(smtp.received.map(({ to }) => to).sort()).toEqual(emails.sort());
    expect(new Set(smtp.received.map(({ messageId }) => messageId)).size).toBe(6);
  });

  test("that says nothing at all holds up nobody's requests", async () => {
    const silent = createServer(() => {});
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    open.push({ stop: async () => silent.close() });
    const address = silent.address();
    const place = await server(`smtp://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    await Promise.all(Array.from({ length: 8 }, () => signUp(place)));
    expect((await program(place).get("/api/health/ready")).status).toBe(200);
    const startedAt = performance.now();
    await place.stop();
    expect(performance.now() - startedAt).toBeLessThan(within(10_000));
  });
});

test("an instance that is killed between its commit and the sending leaves the mail to another, which sends it once", async () => {
  const first = new EventEmitter();
  let isFirst = true;
  const smtp = await smtpServer({
    beforeAccepting: async () => {
      if (!isFirst) return;
      isFirst = false;
      first.emit("arrived");
      await once(first, "released");
      // What the dead one sent is not accepted.
      throw reply(451);
    },
  });
  const doomed = await server(smtp.url);
  const arrives = once(first, "arrived");
  const email = await signUp(doomed);
  await arrives;
  doomed.kill("SIGKILL");
  await doomed.ended;
  const heir = await server(smtp.url, { secrets: doomed.secrets, env: { PUBLIC_ORIGIN: doomed.origin } });
  await heir.line(/"event":"mail_sent"/);
  first.emit("released");
  await eventually(isEmpty);
  expect(smtp.to(email)).toHaveLength(1);
});

test("with SMTP_URL=off there is no mail, and the routes that need it are not there", async () => {
  const place = await server("off");
  const email = await signUp(place);
  const { id } =
    (await db.query<{ id: string }>("SELECT id FROM users WHERE email = $1", [email])).rows[0] ?? {};
  await isEmpty();
  expect((await db.query("SELECT FROM links WHERE user_id = $1", [id])).rows).toHaveLength(0);
  const { token } = (
    await program(place).post("/api/auth/login", { json: { email, password: PASSWORD } })
  ).json<{ token: string }>();
  for (const [path, json] of [
    [FORGOT, { email }],
    ["/api/auth/password/reset", { token: "x", new_password: PASSWORD }],
    ["/api/auth/email", { email: freshEmail() }],
    ["/api/auth/email/verify", { token: "x" }],
    ["/api/auth/email/resend", undefined],
    ["/api/auth/report", { token: "x" }],
  ] as const)
    for (const caller of [program(place, token), program(place)])
      expect((await caller.post(path, { json })).json(), path).toMatchObject({ code: "not_found" });
});

test("a program that signs in from a new network is told to a confirmed address only", async () => {
  const smtp = await smtpServer();
  const place = await server(smtp.url);
  const confirmed = await addPerson(db, { verified: true });
  const other = await addPerson(db);
  const logIn = (email: string, address: string) =>
    program(place).post("/api/auth/login", {
      json: { email, password: PASSWORD },
      headers: { "x-forwarded-for": address, "user-agent": "acme-sync/1.0" },
    });
  for (const address of ["192.0.2.1", "192.0.2.200", "198.51.100.7"]) {
    await logIn(other.email, address);
    await logIn(confirmed.email, address);
  }
  await eventually(() => expect(smtp.to(confirmed.email)).toHaveLength(2));
  await eventually(isEmpty);
  expect(smtp.to(other.email)).toEqual([]);
  const [mail] = smtp.to(confirmed.email);
  expect(mail?.subject).toBe(`New sign-in to ${PRODUCT.name}: acme-sync`);
  expect(mail?.text).toContain("Address: 192.0.2.1");
  expect(mail?.links).toEqual([expect.stringMatching(/\/report\?token=[\w-]{43}$/)]);
});

test("a change of the password is told once, to a confirmed address only, without a link that does anything", async () => {
  const smtp = await smtpServer();
  const place = await server(smtp.url);
  const [confirmed, other] = [await addPerson(db, { verified: true }), await addPerson(db)];
  const change = { current_password: PASSWORD, new_password: "nineteen purple umbrellas" };
  for (const { email } of [confirmed, other]) {
    const json = { email, password: PASSWORD };
    const { token } = (await program(place).post("/api/auth/login", { json })).json<{ token: string }>();
    expect((await program(place, token).post("/api/auth/password", { json: change })).status).toBe(200);
  }
  const mail = await smtp.mail(confirmed.email, /password was changed/);
  await eventually(isEmpty);
  expect(smtp.to(confirmed.email).filter(({ subject }) => /password/.test(subject))).toEqual([mail]);
  expect(mail.links).toEqual([]);
  expect(mail.text).not.toContain(change.new_password);
  expect(smtp.to(other.email)).toEqual([]);
});
