import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { addPerson, freshEmail, PASSWORD } from "../support/people/people";
import { cookieFor, newVisitor } from "../support/people/visitors";

// A server behind a proxy that speaks TLS: people come by https.

const server = inject("secure");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const SEALED =
  /^__Host-(session|device)=Fe26\.2\*[^;]+; Path=\/; (Max-Age=\d+; )?Secure; HttpOnly; SameSite=Lax$/;

test("signing in sets cookies that no other host, path or scheme can plant", async () => {
  const { email } = await addPerson(db);
  for (const path of ["/api/auth/login", "/api/auth/signup"]) {
    const form = { email: path.endsWith("login") ? email : freshEmail(), password: PASSWORD };
    const [session, device, cleared, ...more] = (await browser(server).post(path, { form })).setCookies;
    expect(session).toMatch(SEALED);
    expect(device).toMatch(SEALED);
    expect(cleared).toBe("__Host-form=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    expect(more).toEqual([]);
    // RFC 6265bis, 4.1.3.2: with Domain a browser would refuse them.
    for (const each of [session, device, cleared]) expect(each).not.toMatch(/domain/i);
  }
});

test.each(["/api/auth/logout", "/api/auth/logout-all"])(
  "%s deletes the cookie in a way that browsers obey",
  async (path) => {
    const { browser: visitor } = await newVisitor(server, db);
    expect((await visitor.post(path)).setCookies).toEqual([
      "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
    ]);
  },
);

describe("the cookie", () => {
  test("opens the pages", async () => {
    const { browser: visitor, person } = await newVisitor(server, db);
    const page = await visitor.get("/sessions");
    expect(page.status).toBe(200);
    expect(page.text).toContain(person.name);
  });

  test("without its prefix is no cookie", async () => {
    const { token } = await newVisitor(server, db);
    const [value = ""] = Object.values(await cookieFor(server, token));
    for (const name of ["session", "__Secure-session", "__host-session", "__Host-Session"]) {
      expectProblem(
        await program(server).get("/api/auth/verify", { headers: { cookie: `${name}=${value}` } }),
        "missing_token",
      );
      expect(
        (await program(server).get("/sessions", { headers: { cookie: `${name}=${value}` } })).status,
      ).toBe(307);
    }
  });
});

test("the origin that counts is the public one", async () => {
  const { browser: visitor } = await newVisitor(server, db);
  const headers = (origin: string) => ({ "sec-fetch-site": [], origin });
  expectProblem(
    await visitor.post("/api/auth/logout", { headers: headers(server.url) }),
    "cross_site_request",
  );
  expect((await visitor.post("/api/auth/logout", { headers: headers(server.origin) })).status).toBe(204);
});

test("a token of the server for http is worth nothing here", async () => {
  const plain = inject("plain");
  const plainDb = connect(plain.databaseUrl);
  const { token } = await newVisitor(plain, plainDb);
  expectProblem(await program(server, token).get("/api/auth/verify"), "invalid_token");
  await plainDb.end();
});
