import { isolate } from "@/app/_components/isolate";
import { addPerson, PASSWORD } from "../support/people/people";
import { randomName } from "../support/people/secrets";
import { expectAccessible } from "./support/axe";
import { REFUSED } from "./support/complaints";
import { logIn, passwordField } from "./support/forms";
import { addDevice } from "./support/sign-in";
import { carry, expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

const LONG_AGO = 16 * 60;

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`an administrator finds somebody, ends a device of theirs and disables the account, ${how} JavaScript`, async ({
    open,
    openSignedIn,
    person,
    db,
    complaints,
  }) => {
    complaints.expect(REFUSED);
    await db.query("UPDATE users SET role = 'admin' WHERE id = $1", [person.id]);
    const name = `Grace ${randomName()}`;
    const somebody = await addPerson(db, { name });
    const [theirs, session] = [await open(), await addDevice(db, somebody, CHROME_ON_MAC)];
    await addDevice(db, somebody, FIREFOX_ON_WINDOWS);
    await addDevice(db, somebody, SAFARI_ON_IPHONE);
    await carry(theirs.context, session);
    await theirs.page.goto("/dashboard");

    const { page } = await openSignedIn(undefined, { javaScriptEnabled, provedAgo: LONG_AGO });
    await page.goto("/admin");
    await page.getByRole("searchbox", { name: "Name or email" }).fill(name.slice(3));
    await page.getByRole("button", { name: "Search" }).click();
    if (javaScriptEnabled) await expectAccessible(page, "/admin");
    await page.getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
    const devices = page.getByRole("list", { name: /^Devices/ }).getByRole("listitem");
    await expect(devices).toHaveCount(3);
    if (javaScriptEnabled) await expectAccessible(page, "/admin/…");

    await page.getByRole("link", { name: "Sign out… Chrome on macOS" }).click();
    await expect(
      page.getByRole("heading", { name: `Sign out ${isolate("Chrome on macOS")} of ${isolate(name)}?` }),
    ).toBeVisible();
    if (javaScriptEnabled) await expectAccessible(page, "/admin/…/confirm");
    await passwordField(page).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(theirs.page).toHaveURL(/\/login/);
    await expect(theirs.page.getByText("This device was signed out by an administrator")).toBeVisible();
    await expect(page.getByText("Signed out 1 device.")).toBeVisible();
    await expect(devices).toHaveCount(2);

    await page.getByRole("link", { name: "Sign out everywhere…" }).click();
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await expect(page.getByText("No device is signed in.")).toBeVisible();

    await page.getByRole("link", { name: "Disable account…" }).click();
    await page.getByRole("button", { name: "Disable account" }).click();
    await expect(page.getByText("Account disabled.")).toBeVisible();
    await theirs.page.goto("/login");
    await logIn(theirs.page, somebody.email, "not my password");
    await expect(theirs.page.getByText("Incorrect email or password.")).toBeVisible();
    await logIn(theirs.page, somebody.email);
    await expect(theirs.page.getByText("This account is disabled.")).toBeVisible();

    await page.getByRole("link", { name: "Enable account…" }).click();
    await page.getByRole("button", { name: "Enable account" }).click();
    await expect(page.getByText("Account enabled.")).toBeVisible();
    await logIn(theirs.page, somebody.email);
    await expect(theirs.page).toHaveURL("/sessions");
    await theirs.page.goto("/activity");
    for (const words of [
      "Account enabled",
      "Account disabled",
      "A device was signed out by an administrator",
    ])
      await expect(theirs.page.getByText(words, { exact: true }).first()).toBeVisible();
  });
}

test("nobody else sees the pages of administrators, nor a way to them", async ({
  openSignedIn,
  db,
  complaints,
}) => {
  complaints.expect(REFUSED);
  const { page } = await openSignedIn();
  await page.goto("/dashboard");
  await expect(page.getByRole("link", { name: "People" })).toBeHidden();
  const { id } = await addPerson(db);
  for (const path of ["/admin", `/admin/${id}`, `/admin/${id}/confirm?act=disable`]) {
    expect((await page.goto(path))?.status()).toBe(403);
    await expect(page.getByRole("heading", { name: "Not for your account" })).toBeVisible();
  }
  await expectAccessible(page, "403");
});
