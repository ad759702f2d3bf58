import { afterAll, describe, expect, inject, test } from "vitest";
import { connect } from "../support/database/database";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { newSession, newVisitor } from "../support/people/visitors";

const server = inject("plain");
const db = connect(server.databaseUrl);
afterAll(() => db.end());

const VERIFY = "/api/auth/verify";
const CLEARED = "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";

describe("/api/auth/logout", () => {
  const LOG_OUT = "/api/auth/logout";

  test("ends the caller's session: 204, and from then on 401 session_ended", async () => {
    const { person, program: caller } = await newVisitor(server, db);
    const other = await newSession(server, db, person);
    const answer = await caller.post(LOG_OUT);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe("");
    expect(answer.headers["cache-control"]).toBe("no-store");
    expectProblem(await caller.get(VERIFY), "session_ended");
    expectProblem(await caller.post(LOG_OUT), "session_ended");
    expect((await other.program.get(VERIFY)).status).toBe(200);
  });

  test("takes the cookie of a browser away, and only a browser's", async () => {
    const visitor = await newVisitor(server, db);
    const answer = await visitor.browser.post(LOG_OUT);
    expect(answer.status).toBe(204);
    expect(answer.setCookies).toEqual([CLEARED]);
    expect(answer.headers["clear-site-data"]).toBe('"cache"');
    expect(visitor.browser.cookies.has("session")).toBe(false);

    const { program: caller } = await newVisitor(server, db);
    const { setCookies, headers } = await caller.post(LOG_OUT);
    expect(setCookies).toEqual([]);
    expect(headers).not.toHaveProperty("clear-site-data");
  });

  test("of twenty calls at once one wins, and nobody gets a 500", async () => {
    const { program: caller } = await newVisitor(server, db);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await caller.post(LOG_OUT)).status),
    );
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
  });

  test("as a form always leaves on the login page, without a session", async () => {
    const visitor = await newVisitor(server, db);
    for (let round = 0; round < 2; round += 1) {
      const answer = await visitor.browser.post(LOG_OUT, { form: {} });
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toBe("/login?signed_out=1");
    }
    expect(visitor.browser.cookies.has("session")).toBe(false);
    expectProblem(await visitor.program.get(VERIFY), "session_ended");
    // Also where there never was one.
    expect((await browser(server).post(LOG_OUT, { form: {} })).status).toBe(303);
  });

  test("without a token is 401 missing_token", async () => {
    expectProblem(await program(server).post(LOG_OUT), "missing_token");
  });

  test("of a program is answered to a program, whatever it calls its body", async () => {
    const { program: caller } = await newVisitor(server, db);
    expectProblem(await program(server, "x").post(LOG_OUT, { form: {} }), "invalid_token");
    expect((await caller.post(LOG_OUT, { form: {} })).status).toBe(204);
    expectProblem(await caller.post(LOG_OUT, { form: {} }), "session_ended");
  });

  test("by a token leaves the cookie beside it alone", async () => {
    const [mine, other] = [await newVisitor(server, db), await newVisitor(server, db)];
    const answer = await mine.browser.post(LOG_OUT, { headers: { authorization: `Bearer ${other.token}` } });
    expect([answer.status, answer.setCookies]).toEqual([204, []]);
    expect(answer.headers).not.toHaveProperty("clear-site-data");
    expect((await mine.browser.get(VERIFY)).status).toBe(200);
    expectProblem(await other.program.get(VERIFY), "session_ended");
  });

  test("is not to be had by GET, as from an image, and the session lives", async () => {
    const visitor = await newVisitor(server, db);
    expect((await visitor.browser.get(LOG_OUT)).status).toBe(405);
    expect((await visitor.browser.get(VERIFY)).status).toBe(200);
  });
});

describe("/api/auth/logout-others", () => {
  const LOG_OTHERS_OUT = "/api/auth/logout-others";

  test("ends every other session, counts the live ones, and repeated counts none", async () => {
    const { person, program: caller } = await newVisitor(server, db);
    const others = [await newSession(server, db, person), await newSession(server, db, person)];
    await newSession(server, db, person, { startedAgo: 600, endedAgo: 60 });
    await newSession(server, db, person, { startedAgo: 7_300, idleSeconds: 7_200 });
    const stranger = await newVisitor(server, db);

    const answer = await caller.post(LOG_OTHERS_OUT);
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toEqual({ ended: 2 });
    for (const other of others) expectProblem(await other.program.get(VERIFY), "session_ended");
    expect((await caller.get(VERIFY)).status).toBe(200);
    expect((await stranger.program.get(VERIFY)).status).toBe(200);
    expect((await caller.post(LOG_OTHERS_OUT)).json()).toEqual({ ended: 0 });
  });

  test("from two devices at once leaves exactly one", async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await newVisitor(server, db);
      const two = await newSession(server, db, one.person);
      const answers = await Promise.all([one, two].map((each) => each.program.post(LOG_OTHERS_OUT)));
      expect(answers.map((each) => each.status).sort()).toEqual([200, 401]);
      const after = await Promise.all(
        [one, two].map(async (each) => (await each.program.get(VERIFY)).status),
      );
      expect(after.sort()).toEqual([200, 401]);
    }
  });

  test("without a token is 401 missing_token", async () => {
    expectProblem(await program(server).post(LOG_OTHERS_OUT), "missing_token");
  });
});

describe("/api/auth/logout-all", () => {
  const LOG_ALL_OUT = "/api/auth/logout-all";

  test("ends every session, the caller's too", async () => {
    const visitor = await newVisitor(server, db);
    const other = await newSession(server, db, visitor.person);
    const answer = await visitor.browser.post(LOG_ALL_OUT);
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ ended: 2 });
    expect(answer.setCookies).toEqual([CLEARED]);
    for (const each of [visitor, other]) expectProblem(await each.program.get(VERIFY), "session_ended");
    expectProblem(await visitor.program.post(LOG_ALL_OUT), "session_ended");
  });

  test("without a token is 401 missing_token", async () => {
    expectProblem(await program(server).post(LOG_ALL_OUT), "missing_token");
  });
});
