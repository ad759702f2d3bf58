import type { Page } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { freshEmail, PASSWORD } from "../support/people/people";
import { device } from "./support/devices";
import { passwordField } from "./support/forms";
import { openWithoutScripts } from "./support/held-back";
import { addDevice } from "./support/sign-in";
import { expect, test } from "./support/test";
import { FIREFOX_ON_WINDOWS } from "./support/user-agents";

// Password managers, translators and other extensions change a page as soon as they see it, often before its scripts
// have arrived. Somebody may be typing by then.

test.beforeEach(({ complaints }) => {
  // React reports that the page differs from what the server sent, and renders it again.
  complaints.expect(/React error #418/);
});

type Change = (input: HTMLInputElement) => void;

/** What extensions do, by what it is called. `input` is the field for the password. */
const CHANGES: Record<string, Change> = {
  "attributes everywhere": () => {
    for (const each of document.querySelectorAll("html, body, form, input, button, label"))
      each.setAttribute("data-manager", "1");
  },
  "a box after the field": (input) => input.after(document.createElement("div")),
  "a box around the field": (input) => {
    const box = document.createElement("span");
    input.replaceWith(box);
    box.append(input);
  },
  "a box between label and field": (input) => input.parentElement?.before(document.createElement("div")),
  "a field like ours": (input) => {
    const field = input.cloneNode() as HTMLInputElement;
    for (const name of ["id", "name"]) field.removeAttribute(name);
    input.before(field);
  },
  "a hidden field in the form": (input) => {
    const field = document.createElement("input");
    field.type = "hidden";
    input.form?.prepend(field);
  },
  "a button in the form": (input) => {
    const button = document.createElement("button");
    button.type = "button";
    input.form?.querySelector("button[type=submit]")?.before(button);
  },
  "a box in the buttons": (input) => {
    for (const button of input.form?.querySelectorAll("button") ?? [])
      button.prepend(document.createElement("span"));
  },
  "a text in the label": (input) => input.labels?.[0]?.append(" (2 found)"),
  "a box at the start of the body": () => document.body.prepend(document.createElement("div")),
  "a box after the body": () => document.documentElement.append(document.createElement("div")),
  "an element in the head": () => document.head.prepend(document.createElement("meta")),
  "other words": () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter(
      ({ data, parentElement }) => data.trim() && !parentElement?.closest("script"),
    )) {
      const font = document.createElement("font");
      font.textContent = text.data.toUpperCase();
      text.replaceWith(font);
    }
  },
};

const change = (page: Page, field: string, how: Change) => page.locator(field).evaluate(how);

/** From the third letter to the sixth. */
async function select(page: Page, field: string): Promise<void> {
  await page.locator(field).focus();
  await page.locator(field).evaluate((input: HTMLInputElement) => input.setSelectionRange(2, 6, "backward"));
}

const selectionIn = (page: Page, field: string) =>
  page.locator(field).evaluate((input: HTMLInputElement) => {
    const { selectionStart, selectionEnd, selectionDirection } = input;
    return [document.activeElement === input, selectionStart, selectionEnd, selectionDirection];
  });

test("what was typed, ticked and selected before the scripts came survives what extensions put into the page", async ({
  open,
  person,
}) => {
  const { context } = await open();
  for (const [what, how] of Object.entries(CHANGES)) {
    await test.step(what, async () => {
      const page = await context.newPage();
      const scripts = await openWithoutScripts(page, "/login");
      await page.locator("#email").fill(person.email);
      await page.locator("#keep").check();
      await page.locator("#password").fill(PASSWORD);
      await change(page, "#password", how);
      await select(page, "#password");
      await scripts.letThrough();

      expect(await selectionIn(page, "#password"), what).toEqual([true, 2, 6, "backward"]);
      await page.keyboard.type("X");
      await expect(page.locator("#password"), what).toHaveValue(
        `${PASSWORD.slice(0, 2)}X${PASSWORD.slice(6)}`,
      );
      await expect(page.locator("#email"), what).toHaveValue(person.email);
      await expect(page.locator("#keep"), what).toBeChecked();
      await page.getByRole("button", { name: "Show password" }).click();
      await expect(page.locator("#password"), what).toHaveAttribute("type", "text");
      await page.close();
    });
  }
});

test("a form into which an extension has put something is sent as it was filled in", async ({
  open,
  person,
  db,
}) => {
  const { page } = await open();
  const beside = CHANGES["a box after the field"] as Change;
  const login = await openWithoutScripts(page, "/login");
  await page.locator("#password").fill(PASSWORD);
  await page.locator("#keep").check();
  await page.locator("#email").pressSequentially(person.email.slice(0, -3));
  await change(page, "#password", beside);
  await login.letThrough();
  // Nobody can tell where the caret was in an email address: it stands at the end.
  await page.keyboard.type(person.email.slice(-3));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/sessions");
  const { rows } = await db.query("SELECT id, keep FROM sessions WHERE user_id = $1", [person.id]);
  expect(rows).toEqual([{ id: rows[0]?.id, keep: true }]);

  const sessions = await openWithoutScripts(page, `/sessions/${rows[0]?.id}`);
  const name = "input[name=name]";
  await page.locator(name).fill("The desk");
  await page.locator(name).evaluate((input: HTMLInputElement) => input.setSelectionRange(4, 8));
  await change(page, name, beside);
  await sessions.letThrough();
  expect(await selectionIn(page, name)).toEqual([true, 4, 8, "forward"]);
  await page.keyboard.type("table");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").getByText(`Renamed to ${isolate("The table")}.`)).toBeVisible();
  await expect(device(page, "The table")).toBeVisible();

  const security = await openWithoutScripts(page, "/security");
  await page.locator("#current").fill(PASSWORD);
  await page.locator("#next").fill("nineteen purple umbrellas");
  await change(page, "#current", beside);
  await security.letThrough();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Password changed.")).toBeVisible();
});

test("what was chosen and ticked, and a password that is asked for again, survive, too", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page } = await openSignedIn(undefined, { provedAgo: 3_600 });
  const beside = CHANGES["a box after the field"] as Change;
  const api = await openWithoutScripts(page, "/sessions/api");
  await page.locator("#name").fill("Nightly report");
  await page.locator("#days").selectOption("1");
  const password = "#password-to-create-api-session";
  await page.locator(password).fill(PASSWORD);
  await change(page, password, beside);
  await api.letThrough();
  await expect(page.locator(password)).toHaveValue(PASSWORD);
  await expect(page.locator("#days")).toHaveValue("1");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nightly report is ready")).toBeVisible();
  const { rows } = await db.query(
    "SELECT expires_at < now() + interval '25 hours' AS soon FROM sessions WHERE user_id = $1 AND name = 'Nightly report'",
    [person.id],
  );
  expect(rows).toEqual([{ soon: true }]);

  const stranger = await addDevice(db, person, FIREFOX_ON_WINDOWS);
  const question = await openWithoutScripts(page, `/sessions/sign-out?stranger=${stranger.id}`);
  await page.locator("#everything").check();
  await change(page, "#everything", beside);
  await question.letThrough();
  await expect(page.locator("#everything")).toBeChecked();
});

test("a sign-up form keeps what was typed, and nothing of it gets into the sign-in form", async ({
  open,
}) => {
  const { page } = await open();
  const email = freshEmail();
  const signup = await openWithoutScripts(page, "/signup");
  await page.locator("#name").fill("Grace");
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(PASSWORD);
  await change(page, "#name", CHANGES["a box between label and field"] as Change);
  await signup.letThrough();
  await expect(page.locator("#name")).toHaveValue("Grace");
  await expect(page.locator("#password")).toHaveValue(PASSWORD);

  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page).toHaveURL("/login");
  await expect(page.locator("#email")).toHaveValue("");
  await expect(passwordField(page)).toHaveValue("");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign up" })).toBeVisible();
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/sessions");
});
