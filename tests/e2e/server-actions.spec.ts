import type { Page, Request } from "@playwright/test";
import type pg from "pg";
import { browser } from "../support/client";
import { addPerson } from "../support/people";
import { place } from "../support/place";
import { foreignForm } from "./support/foreign-site";
import { card, history, openRename } from "./support/forms";
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

const nameOf = async (db: pg.Pool, id: string) => {
  const { rows } = await db.query("SELECT name, ended_at FROM sessions WHERE id = $1", [id]);
  return rows[0];
};

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
  const send = (headers: Record<string, string>) => {
    const client = browser(place());
    const same = {
      cookie: `session=${value}`,
      "next-action": action,
      "content-type": type,
      accept: "text/x-component",
    };
    return client.post("/sessions", {
      body,
      headers: { ...same, "next-router-state-tree": tree, ...headers },
    });
  };
  const value = await cookieOf(session);

  for (const headers of [
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: "https://evil.localhost" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "" },
  ]) {
    const answer = await send(headers);
    expect(answer.status, JSON.stringify(headers)).toBeLessThan(600);
    expect(await nameOf(db, session.id), JSON.stringify(headers)).toMatchObject({ name: null });
  }
  expect((await send({})).status).toBe(200);
  expect(await nameOf(db, session.id)).toMatchObject({ name: "Stolen" });
});

test("the form of another site that has all fields of ours changes nothing", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  complaints.expect(/./);
  const { page, session } = await openSignedIn(CHROME_ON_MAC, { javaScriptEnabled: true });
  await page.goto("/sessions");
  const fields = await card(page, "Chrome on macOS")
    .locator("details form")
    .evaluate((form) => Object.fromEntries(new FormData(form as HTMLFormElement)) as Record<string, string>);
  const site = await foreignForm(`${place().origin}/sessions`, { ...fields, name: "Stolen" });
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.goto(site.url);
  expect((await answer).ok()).toBe(false);
  expect(await nameOf(db, session.id)).toMatchObject({ name: null });
  site.close();
});

test("a session of somebody else is as unknown as any other, and stays as it is", async ({
  openSignedIn,
  db,
}) => {
  const stranger = await addPerson(db, { name: "Bob" });
  const theirs = await addDevice(db, stranger, SAFARI_ON_IPHONE);
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page } = await openSignedIn();
  await page.goto("/sessions");
  const forge = (selector: string, id: string) =>
    card(page, "Safari on iOS")
      .locator(selector)
      .evaluate((input, value) => {
        (input as HTMLInputElement).value = value;
      }, id);

  for (const id of [theirs.id, crypto.randomUUID(), "not an id", ""]) {
    await forge(":scope > form input[name=id]", id);
    await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
    await expect(page.getByText("That session had ended already.")).toBeVisible();
    await page.reload();
  }
  await (await openRename(page, "Safari on iOS")).fill("Mine now");
  await forge("details form input[name=id]", theirs.id);
  await page.keyboard.press("Enter");
  await expect(page.getByText("That session has ended, so it keeps its name.")).toBeVisible();
  expect(await nameOf(db, theirs.id)).toEqual({ name: null, ended_at: null });
  await expect(history(page)).toHaveCount(0);
});

test("fields of other kinds, missing ones and unknown intents change nothing, and break nothing", async ({
  openSignedIn,
  db,
}) => {
  const phone = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, session } = await openSignedIn(CHROME_ON_MAC);
  await page.goto("/sessions");
  const form = card(page, "Safari on iOS").locator(":scope > form");
  const break_ = {
    "no id": (element: Element) => element.querySelector("[name=id]")?.remove(),
    "another intent": (element: Element) =>
      element.querySelector("[name=intent]")?.setAttribute("value", "drop"),
    "no intent": (element: Element) => element.querySelector("[name=intent]")?.remove(),
    "a file": (element: Element) => element.querySelector("[name=id]")?.setAttribute("type", "file"),
  };
  for (const breakForm of Object.values(break_)) {
    await form.evaluate(breakForm);
    await page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
    await expect(page.getByText("Something in the request is not right.")).toBeVisible();
    await page.reload();
  }
  for (const { id } of [session, phone.session]) {
    expect(await nameOf(db, id)).toEqual({ name: null, ended_at: null });
  }
});
