import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browser, program } from "../support/http/client";
import { expectProblem } from "../support/http/expectations";
import { PostOffice } from "../support/mail/post-office";
import { addPerson } from "../support/people/people";
import { newVisitor } from "../support/people/visitors";

// Links in mails: each works once, and all the ways in which they do nothing.

const VERIFY_EMAIL = "/api/auth/email/verify";
const FORGOT = "/api/auth/password/forgot";
const RESET = "/api/auth/password/reset";
const REPORT = "/api/auth/report";
const VERIFY = "/api/auth/verify";
const NEW_PASSWORD = "fourteen purple umbrellas";

let office: PostOffice;
beforeAll(async () => {
  office = await PostOffice.open();
});
afterAll(() => office?.close());

const USES = {
  verify: [VERIFY_EMAIL, {}],
  reset: [RESET, { new_password: NEW_PASSWORD }],
  report: [REPORT, {}],
} as const;
const PURPOSES = ["verify", "reset", "report"] as const;

describe("a link", () => {
  test.each(PURPOSES)(
    "to %s that is used by two at once, on two instances, has one winner",
    async (purpose) => {
      const [path, more] = USES[purpose];
      for (let round = 0; round < 4; round += 1) {
        const visitor = await newVisitor(office.server, office.db);
        const token = await office.madeLink(purpose, visitor.person, { session: visitor.row.id });
        const answers = await Promise.all(
          [office.server, office.other, office.server, office.other].map((place) =>
            office.post(path, { token, ...more }, place),
          ),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
        for (const answer of answers) if (answer.status === 400) expectProblem(answer, "invalid_link");
      }
    },
  );

  test.each(PURPOSES)(
    "to %s does nothing for another purpose, and stays good for its own",
    async (purpose) => {
      const visitor = await newVisitor(office.server, office.db);
      const token = await office.madeLink(purpose, visitor.person, { session: visitor.row.id });
      for (const wrong of PURPOSES.filter((each) => each !== purpose)) {
        const [path, more] = USES[wrong];
        expectProblem(await office.post(path, { token, ...more }), "invalid_link");
      }
      expect((await visitor.program.get(VERIFY)).status).toBe(200);
      const [path, more] = USES[purpose];
      expect((await office.post(path, { token, ...more })).status).toBe(200);
    },
  );

  test.each(PURPOSES)(
    "to %s that has run out, is made up, or of a disabled account is refused",
    async (purpose) => {
      const [path, more] = USES[purpose];
      const visitor = await newVisitor(office.server, office.db);
      const late = await office.madeLink(purpose, visitor.person, { expiresIn: -1 });
      const good = await office.madeLink(purpose, visitor.person);
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
        expectProblem(await office.post(path, { token, ...more }), "invalid_link");
      expectProblem(await office.post(path, { token: 1, ...more }), "invalid_request", ["token"]);
      expect((await visitor.program.get(VERIFY)).status).toBe(200);
      await office.db.query("UPDATE users SET disabled_at = now() WHERE id = $1", [visitor.person.id]);
      expectProblem(await office.post(path, { token: good, ...more }), "invalid_link");
    },
  );

  test.each(PURPOSES)("to %s that a scanner opens changes nothing, and leaks no address", async (purpose) => {
    const visitor = await newVisitor(office.server, office.db);
    const token = await office.madeLink(purpose, visitor.person, { session: visitor.row.id });
    const page = { verify: "/verify-email", reset: "/reset-password", report: "/report" }[purpose];
    for (const method of ["GET", "HEAD", "GET"]) {
      const answer = await browser(office.server).send(method, `${page}?token=${token}`);
      expect(answer.status).toBe(200);
      expect(answer.headers["referrer-policy"]).toBe("no-referrer");
      expect(answer.headers["cache-control"]).toContain("no-store");
      expect(answer.text).not.toMatch(/https?:\/\/(?!localhost|www\.w3\.org)/);
    }
    expect((await browser(office.server).send("GET", USES[purpose][0])).status).toBe(405);
    expect((await visitor.program.get(VERIFY)).status).toBe(200);
    const [path, more] = USES[purpose];
    expect((await office.post(path, { token, ...more })).status).toBe(200);
  });

  test("names our origin, whatever host the request for it named", async () => {
    const { email } = await addPerson(office.db);
    await program(office.server).post(FORGOT, {
      json: { email },
      headers: { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
    });
    const mail = await office.smtp.mail(email);
    expect(mail.links).toEqual([expect.stringContaining(`${office.server.origin}/reset-password?token=`)]);
    expect(mail.raw).not.toContain("evil");
  });

  test("is used by a plain form of its page, and a form of another site is refused", async () => {
    const visitor = await newVisitor(office.server, office.db, { kind: "browser" });
    const token = await office.madeLink("reset", visitor.person);
    const form = { token, new_password: "short" };
    const weak = await browser(office.server).post(RESET, { form });
    expect(weak.status).toBe(303);
    expect(weak.headers.location).toMatch(
      /^\/reset-password\?error=invalid_request&token=[\w-]{43}&new_password=/,
    );
    expect(weak.headers.location).not.toContain("short");
    const foreign = await browser(office.server).post(RESET, {
      form: { ...form, new_password: NEW_PASSWORD },
      headers: { "sec-fetch-site": "cross-site" },
    });
    expectProblem(foreign, "cross_site_request");
    const done = await browser(office.server).post(RESET, { form: { ...form, new_password: NEW_PASSWORD } });
    expect([done.status, done.headers.location]).toEqual([303, "/reset-password?done=1"]);
    const again = await browser(office.server).post(RESET, { form: { ...form, new_password: NEW_PASSWORD } });
    expect(again.headers.location).toBe("/reset-password?error=invalid_link");

    const report = await office.madeLink("report", visitor.person, { session: visitor.row.id });
    const next = await browser(office.server).post(REPORT, { form: { token: report, everything: "on" } });
    expect(next.headers.location).toMatch(/^\/reset-password\?token=[\w-]{43}$/);
    const verify = await office.madeLink("verify", visitor.person);
    const verified = await browser(office.server).post(VERIFY_EMAIL, { form: { token: verify } });
    expect(verified.headers.location).toBe("/verify-email?done=1");
  });
});
