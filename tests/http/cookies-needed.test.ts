import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, type Client } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const JSON_ANSWER = { accept: "application/json" };
const rowsOf = async (table: "sessions" | "users", column: string, value: string) =>
  (await db.query(`SELECT FROM ${table} WHERE ${column} = $1`, [value])).rowCount;

/** A browser that blocks cookies. */
function blocking(): Client {
  const client = browser(server);
  client.cookies.set = () => client.cookies;
  return client;
}

describe("a form that expects cookies from a browser that blocks them", () => {
  test("starts no session at login, with a right password either", async () => {
    const { id, email } = await addPerson(db);
    const client = blocking();
    expect((await client.get("/login")).setCookies).toHaveLength(1);
    const form = { email, password: PASSWORD, cookies: "expected", next: "/security" };
    const answer = await client.post("/api/auth/login", { form, headers: JSON_ANSWER });
    expectProblem(answer, "cookies_needed");
    const plain = await client.post("/api/auth/login", { form });
    expect(plain.status).toBe(303);
    expect(plain.headers.location).toBe("/login?error=cookies_needed&next=%2Fsecurity");
    expect((await client.get(plain.headers.location ?? "")).text).toContain(
      "Your browser blocks the cookie that keeps you signed in.",
    );
    expect(await rowsOf("sessions", "user_id", id)).toBe(0);
  });

  test("makes no account at sign-up, and is told the same of an address that has one", async () => {
    const free = freshEmail();
    const { id, email: taken } = await addPerson(db);
    for (const email of [free, taken]) {
      const form = { email, password: PASSWORD, cookies: "expected" };
      const answer = await blocking().post("/api/auth/signup", { form, headers: JSON_ANSWER });
      expectProblem(answer, "cookies_needed");
    }
    expect(await rowsOf("users", "email", free)).toBe(0);
    expect(await rowsOf("sessions", "user_id", id)).toBe(0);
  });

  test("costs no attempt: what is typed is not looked at", async () => {
    const { email } = await addPerson(db);
    const client = blocking();
    const form = { email, password: "not the password at all", cookies: "expected" };
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const answer = await client.post("/api/auth/login", { form, headers: JSON_ANSWER });
      expectProblem(answer, "cookies_needed");
    }
    const right = { email, password: PASSWORD };
    expect((await client.post("/api/auth/login", { form: right, headers: JSON_ANSWER })).status).toBe(200);
  });
});

describe("a browser that takes cookies", () => {
  test.each(["/login", "/signup"])("gets the probe with %s once, and no other page sets it", async (page) => {
    const client = browser(server);
    expect((await client.get("/")).setCookies).toEqual([]);
    expect((await client.get(page)).setCookies).toEqual(["probe=1; Path=/; HttpOnly; SameSite=lax"]);
    expect((await client.get(page)).setCookies).toEqual([]);
  });

  test("whose cookies were deleted while the form was open gets through at the second attempt", async () => {
    const { email } = await addPerson(db);
    const client = browser(server);
    const form = { email, password: PASSWORD, cookies: "expected" };
    const attempt = () => client.post("/api/auth/login", { form, headers: JSON_ANSWER });
    expectProblem(await attempt(), "cookies_needed");
    expect((await attempt()).json()).toEqual({ redirect_to: "/sessions" });
    expect(client.cookies.has("session")).toBe(true);
  });
});

test("a form that does not speak of cookies is answered as ever, from a client without any", async () => {
  const { email } = await addPerson(db);
  const form = { email, password: PASSWORD };
  const answer = await blocking().post("/api/auth/login", { form, headers: JSON_ANSWER });
  expect(answer.json()).toEqual({ redirect_to: "/sessions" });
});
