import { PASSWORD } from "../support/people/people";
import { confirm, device, names, openRename, signOutButton } from "./support/devices";
import { openLiveList } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

// What is asked before a device is signed out, and how one gets there.

test("a question tells devices of one name apart, in its dialog and on its page", async ({
  openSignedIn,
  person,
  db,
}) => {
  const old = { startedAgo: 6 * 86_400, seenAgo: 300, idleSeconds: 7 * 86_400, endsIn: 86_400 };
  const twin = await addDevice(db, person, FIREFOX_ON_WINDOWS, { ...old, name: "Twin" });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, {
    startedAgo: 3 * 86_400,
    seenAgo: 310,
    endsIn: 86_400,
    name: "Twin",
  });
  const { page } = await openSignedIn();
  await openLiveList(page);
  await signOutButton(page, "Twin, 6 days ago").click();
  await expect(page.getByRole("dialog", { name: "Sign out Twin · 6 days ago?" })).toBeVisible();
  await page.goto(`/sessions/sign-out?device=${twin.id}`);
  await expect(page.getByRole("heading", { name: "Sign out Twin · 6 days ago?" })).toBeVisible();
});

test("a device that is not recognised can be reported on a phone", async ({ openSignedIn, person, db }) => {
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 9_000, seenAgo: 60 });
  const { page } = await openSignedIn(SAFARI_ON_IPHONE, {
    startedAgo: 60,
    viewport: { width: 360, height: 640 },
  });
  await openLiveList(page);
  await device(page, "Firefox on Windows").getByRole("link").click();
  await page.getByRole("button", { name: "I don’t recognise this" }).click();
  await expect(page.getByRole("dialog")).toContainText("Not you?");
  await confirm(page);
  await expect(device(page, "Firefox on Windows")).toContainText("Access removed.");
});

test("without a script, too, and a wrong password forgets nothing of the answer", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 9_000, seenAgo: 60 });
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 9_100, seenAgo: 90 });
  const { page } = await openSignedIn(CHROME_ON_MAC, { javaScriptEnabled: false, provedAgo: 3_600 });
  await page.goto("/sessions");
  await device(page, "Firefox on Windows").getByRole("link").click();
  await page.getByRole("link", { name: "I don’t recognise this" }).click();
  const everything = page.getByLabel("Also sign out all my other devices");
  const answer = async (password: string) => {
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
  };
  await everything.check();
  await answer("not the password at all");
  await expect(page.getByText("Incorrect password.")).toBeVisible();
  await expect(everything).toBeChecked();
  await answer(PASSWORD);
  await expect(page.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
  const { rows } = await db.query(
    "SELECT count(*)::int AS live FROM sessions WHERE user_id = $1 AND ended_at IS NULL",
    [person.id],
  );
  expect(rows).toEqual([{ live: 1 }]);
});

test("the search and the filter stay for as long as they hide something", async ({
  openSignedIn,
  person,
  db,
}) => {
  for (let count = 1; count <= 20; count += 1)
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 200 + count, name: `Phone ${count}` });
  const { page } = await openSignedIn();
  await openLiveList(page);
  const search = page.getByRole("searchbox");
  await search.fill("phone 7");
  await expect.poll(() => names(page)).toEqual(["Phone 7", "Phone 17"]);
  await signOutButton(page, "Phone 7").click();
  await confirm(page);
  await expect(device(page, "Phone 7")).toContainText("Access removed.");
  await expect(page.getByRole("heading", { name: "Other devices 19" })).toBeVisible();
  await expect(search).toHaveValue("phone 7");
  await search.fill("");
  await expect.poll(async () => (await names(page)).length).toBe(20);
});

test("a dialog stays open when text in it is marked beyond its edge", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 200 });
  const { page } = await openSignedIn();
  await openLiveList(page);
  const field = await openRename(page, "Safari on iOS");
  await field.fill("The phone in the kitchen");
  const box = await field.boundingBox();
  await page.mouse.move((box?.x ?? 0) + 100, (box?.y ?? 0) + 10);
  await page.mouse.down();
  await page.mouse.move(5, 5);
  await page.mouse.up();
  await expect(field).toHaveValue("The phone in the kitchen");
  await page.mouse.click(5, 5);
  await expect(field).toHaveCount(0);
});
