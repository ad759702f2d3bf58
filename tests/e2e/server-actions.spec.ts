import type { Locator, Page, Request } from "@playwright/test";
import type pg from "pg";
import { program } from "../support/http/client";
import { addPerson } from "../support/people/people";
import { place } from "../support/people/place";
import { REFUSED } from "./support/complaints";
import { openHistory, openRename } from "./support/devices";
import { foreignForm } from "./support/foreign-site";
import { addDevice, cookieOf } from "./support/sign-in";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, SAFARI_ON_IPHONE } from "./support/user-agents";

// Server actions as somebody would call them who has read what the page sends, and not the page.

/** A real call of the action, caught on its way and never sent. */
async function catchCall(page: Page): Promise<Request> {
  await page.goto("/sessions");
  await page.route("/sessions", (route) => route.abort());
  const call = page.waitForRequest((request) => request.method() === "POST");
  await (await openRename(page, "Chrome on macOS")).fill("Stolen");
  await page.keyboard.press("Enter");
  return call;
}

const rowOf = async (db: pg.Pool, id: string) => {
  const { rows } = await db.query("SELECT name, ended_at FROM sessions WHERE id = $1", [id]);
  return rows[0];
};

const FILE = { file: true } as const;
type Fields = Record<string, string | null | typeof FILE>;

/** Changes what a form sends: null takes a field away. */
async function tamper(form: Locator, fields: Fields): Promise<void> {
  await form.evaluate((element, changes) => {
    element.addEventListener("formdata", (event) => {
      const { formData } = event as FormDataEvent;
      for (const [name, value] of Object.entries(changes)) {
        formData.delete(name);
        if (typeof value === "string") formData.set(name, value);
        else if (value) formData.set(name, new File(["x"], "x"));
      }
    });
  }, fields);
}

/** The form of a page that stands in for a dialog. */
const formOf = (page: Page) => page.locator("main form");

/** Opens the page that asks whether to end a session. */
const askOnPage = (page: Page, id: string) => page.goto(`/sessions/sign-out?device=${id}`);

test("a real call is refused without an origin and from another one, and does nothing; from its own it works", async ({
  openSignedIn,
  complaints,
  db,
}) => {
  complaints.expect(/./);
  const { page, session } = await openSignedIn();
  const call = await catchCall(page);
  const {
    "next-action": action = "",
    "content-type": type = "",
    "next-router-state-tree": tree = "",
  } = await call.allHeaders();
  const body = call.postDataBuffer() ?? "";
  const cookie = `session=${await cookieOf(session)}`;
  const send = (headers: Record<string, string>, sent: string | Buffer = body) =>
    program(place()).post("/sessions", {
      body: sent,
      headers: {
        cookie,
        "next-action": action,
        "next-router-state-tree": tree,
        "content-type": type,
        ...headers,
      },
    });

  for (const origin of [
    {},
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://evil.localhost" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "" },
  ]) {
    const { status } = await send(origin as Record<string, string>);
    expect(status, JSON.stringify(origin)).toBe(403);
    expect(await rowOf(db, session.id), JSON.stringify(origin)).toMatchObject({ name: null });
  }
  const own = { "sec-fetch-site": "same-origin", origin: place().origin };
  for (const args of ["[]", "[null,null]", '["x","y"]']) {
    const { status, text } = await send({ ...own, "content-type": "text/plain;charset=UTF-8" }, args);
    expect([status, text], args).toEqual([
      200,
      expect.stringContaining("Something in the request isn’t valid."),
    ]);
  }
  expect(await rowOf(db, session.id)).toMatchObject({ name: null });
  expect((await send(own)).status).toBe(200);
  expect(await rowOf(db, session.id)).toMatchObject({ name: "Stolen" });
});

test("the form of another site that has all fields of ours changes nothing", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  complaints.expect(/./);
  const { page, session } = await openSignedIn(CHROME_ON_MAC, { javaScriptEnabled: true });
  await page.goto(`/sessions/${session.id}`);
  const fields = await formOf(page).evaluate(
    (form) => Object.fromEntries(new FormData(form as HTMLFormElement)) as Record<string, string>,
  );
  const site = await foreignForm(page.url(), { ...fields, name: "Stolen" });
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.goto(site.url);
  expect((await answer).status()).toBe(403);
  expect(await rowOf(db, session.id)).toMatchObject({ name: null });
  site.close();
});

test("a session of somebody else is as unknown as any other, and stays as it is", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  // The pages that are not there.
  complaints.expect(REFUSED);
  const stranger = await addPerson(db, { name: "Bob" });
  const theirs = await addDevice(db, stranger, SAFARI_ON_IPHONE);
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, session } = await openSignedIn();
  for (const id of [theirs.id, crypto.randomUUID(), "not an id", ""]) {
    await askOnPage(page, phone.session.id);
    await tamper(formOf(page), { id });
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByText("This device was already signed out.")).toBeVisible();
  }
  await page.goto(`/sessions/${session.id}`);
  await tamper(formOf(page), { id: theirs.id });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This device was already signed out, so it can’t be renamed.")).toBeVisible();
  for (const path of [
    `/sessions/${theirs.id}`,
    `/sessions/sign-out?device=${theirs.id}`,
    "/sessions/not-an-id",
  ])
    expect((await page.goto(path))?.status(), path).toBe(404);
  expect(await rowOf(db, theirs.id)).toEqual({ name: null, ended_at: null });
  await expect(await openHistory(page)).toHaveCount(0);
});

test("fields of other kinds, missing ones and unknown intents change nothing, and break nothing", async ({
  openSignedIn,
  db,
}) => {
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, session } = await openSignedIn(CHROME_ON_MAC);
  const wrong: Fields[] = [
    { id: null },
    { intent: "drop" },
    { intent: null },
    { id: FILE },
    { back: "elsewhere" },
  ];
  for (const fields of wrong) {
    await askOnPage(page, phone.session.id);
    await tamper(formOf(page), fields);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByText("Something in the request isn’t valid.")).toBeVisible();
  }
  for (const { id } of [session, phone.session]) {
    expect(await rowOf(db, id)).toEqual({ name: null, ended_at: null });
  }
});
