import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem, sessionShape, TIME, UUID } from "../support/http/expectations";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const SIGN_UP = "/api/auth/signup";
const up = (json: Record<string, unknown>) => program(server).post(SIGN_UP, { json });

describe("a program signs up", () => {
  test("and gets 201, a token and no cookie", async () => {
    const email = freshEmail();
    const answer = await up({ email, password: PASSWORD, name: "Ada" });
    expect(answer.status).toBe(201);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: "Bearer",
      expires_at: TIME,
      session: sessionShape(),
      user: { id: UUID, email, name: "Ada", email_verified: false, role: "user" },
    });
    expect((await program(server, String(answer.json().token)).get("/api/auth/verify")).status).toBe(200);
  });

  test("without a name and is called by the address", async () => {
    const email = freshEmail();
    const { user } = (await up({ email, password: PASSWORD })).json<{ user: unknown }>();
    expect(user).toMatchObject({ name: email.split("@")[0] });
  });

  test("with letters before the @ that cannot stand alone, and is called by something that can be seen", async () => {
    const email = `\u0301${freshEmail().replace(/^[^@]*/, "")}`;
    const { user } = (await up({ email, password: PASSWORD })).json<{ user: { name: string } }>();
    expect(user.name).toMatch(/[a-z]/);
  });

  test("with an address that is taken and is told 409, in any spelling", async () => {
    const email = `rené.${freshEmail()}`.normalize("NFC");
    expect((await up({ email, password: PASSWORD })).status).toBe(201);
    for (const spelling of [email, email.toUpperCase(), ` ${email} `, email.normalize("NFD")]) {
      expectProblem(await up({ email: spelling, password: "fourteen purple umbrellas" }), "email_taken");
    }
  });

  test.each([
    ["no address", { password: PASSWORD }, ["email"]],
    ["no password", { email: "a@b.example" }, ["password"]],
    ["nothing", {}, ["email", "password"]],
    ["an address that is none", { email: "ada", password: PASSWORD }, ["email"]],
    ["an address with a line end", { email: "a@b.example\nBcc: c@d.example", password: PASSWORD }, ["email"]],
    ["an address with a NUL", { email: "a\0@b.example", password: PASSWORD }, ["email"]],
    ["an address with a zero width space", { email: "a\u200b@b.example", password: PASSWORD }, ["email"]],
    ["an address that turns the text around", { email: "a\u202e@b.example", password: PASSWORD }, ["email"]],
    ["an address at a number", { email: "a@127.1", password: PASSWORD }, ["email"]],
    ["a domain that ends in a dot", { email: "a@b.example.", password: PASSWORD }, ["email"]],
    ["a domain too long in ASCII", { email: `a@${"ü".repeat(60)}.example`, password: PASSWORD }, ["email"]],
    ["a very long address", { email: `${"a".repeat(250)}@b.example`, password: PASSWORD }, ["email"]],
    ["a password of 14", { email: "a@b.example", password: "zqhwkvjxbrtmpl" }, ["password"]],
    ["a common password", { email: "a@b.example", password: "passwordpassword" }, ["password"]],
    ["a password of 257", { email: "a@b.example", password: "x y ".repeat(65) }, ["password"]],
    ["an empty name", { email: "a@b.example", password: PASSWORD, name: " " }, ["name"]],
    ["a name of 61", { email: "a@b.example", password: PASSWORD, name: "x".repeat(61) }, ["name"]],
    [
      "a name with a control character",
      { email: "a@b.example", password: PASSWORD, name: "a\u0007" },
      ["name"],
    ],
    ["half a character in an address", { email: "\ud800a@b.example", password: PASSWORD }, ["email"]],
    ["half a character in a password", { email: "a@b.example", password: `${PASSWORD}\ud800` }, ["password"]],
    ["half a character as a name", { email: "a@b.example", password: PASSWORD, name: "\ud800" }, ["name"]],
    ["keep as a text", { email: "a@b.example", password: PASSWORD, keep: "on" }, ["keep"]],
    ["a role", { email: "a@b.example", password: PASSWORD, role: "admin" }, ["role"]],
    ["an id", { email: "a@b.example", password: PASSWORD, id: "x" }, ["id"]],
    ["an operator of the database", { email: { set: "a@b.example" }, password: PASSWORD }, ["email"]],
    ["next, which is for forms", { email: "a@b.example", password: PASSWORD, next: "/" }, ["next"]],
  ])("with %s and is told which member is wrong", async (_, json, fields) => {
    expectProblem(await up(json), "invalid_request", fields);
    const { rows } = await db.query("SELECT count(*)::int FROM users WHERE email = 'a@b.example'");
    expect(rows[0].count).toBe(0);
  });
});

describe("a form signs up", () => {
  const form = (fields: Record<string, string>, accept?: string) =>
    browser(server).post(SIGN_UP, { form: fields, ...(accept ? { headers: { accept } } : {}) });

  test("and gets a cookie and the way on, never the token", async () => {
    const answer = await form({ email: freshEmail(), password: PASSWORD, name: "" });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/sessions");
    expect(answer.text).toBe("");
    expect(answer.setCookies.join()).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
    expect(answer.setCookies[0]).toMatch(/^session=Fe26\.2\*[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test("with an address that is taken and cannot tell it from a new one", async () => {
    const { email: taken } = await addPerson(db);
    const shapeOf = async (email: string, accept?: string) => {
      const { status, headers, text, setCookies } = await form(
        { email, password: "fourteen purple umbrellas", name: "Ada" },
        accept,
      );
      const { date: _, "set-cookie": __, ...rest } = headers;
      // A seal is random, but its length and attributes are not.
      const cookies = setCookies.map((each) =>
        each.replace(/=([^;]*)/, (_match, value: string) => `=<${value.length}>`),
      );
      return { status, headers: rest, text, cookies };
    };
    for (const accept of [undefined, "application/json"]) {
      const known = await shapeOf(taken, accept);
      expect(known).toEqual(await shapeOf(freshEmail(), accept));
      expect(known.cookies).toHaveLength(3);
    }
  });

  test("and what it got for an address that is taken opens nothing", async () => {
    const { id, email } = await addPerson(db);
    const visitor = browser(server);
    await visitor.post(SIGN_UP, { form: { email, password: "fourteen purple umbrellas" } });
    expect(visitor.cookies.has("session")).toBe(true);
    expectProblem(await visitor.get("/api/auth/verify"), "invalid_token");
    const page = await visitor.get("/sessions");
    expect(page.status).toBe(307);
    expect(page.headers.location).toContain("/login");
    const { rows } = await db.query("SELECT count(*)::int FROM sessions WHERE user_id = $1", [id]);
    expect(rows[0].count).toBe(0);
  });

  test("with an address that is taken while signed in, and leaves no live session without its owner", async () => {
    for (const email of [(await addPerson(db)).email, freshEmail()]) {
      const { browser: visitor, program: held } = await newVisitor(server, db, { kind: "browser" });
      await visitor.post(SIGN_UP, { form: { email, password: "fourteen purple umbrellas" } });
      expectProblem(await held.get("/api/auth/verify"), "session_ended");
    }
  });

  test("again, with the right password, and is simply signed in", async () => {
    const { id, email } = await addPerson(db);
    const visitor = browser(server);
    await visitor.post(SIGN_UP, { form: { email, password: PASSWORD } });
    const answer = await visitor.get("/api/auth/verify");
    expect(answer.json()).toMatchObject({ active: true, sub: id });
  });

  test("with a weak password and is sent back, told why, without the password", async () => {
    const answer = await form({
      email: freshEmail(),
      password: "too short 123",
      name: "Ada",
      next: "/security",
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/signup?error=invalid_request&next=%2Fsecurity");
    expect(answer.setCookies.map((each) => each.split("=")[0])).toEqual(["form"]);
    expect(answer.headers.location + answer.setCookies.join()).not.toContain("too short");
  });

  test("from a script and gets the problem itself", async () => {
    const answer = await form({ email: "ada", password: "short" }, "application/json");
    expectProblem(answer, "invalid_request", ["email"]);
  });
});
