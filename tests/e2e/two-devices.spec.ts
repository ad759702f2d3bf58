import { isolate } from "@/app/_components/isolate";
import { freshEmail, PASSWORD } from "../support/people/people";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, SAFARI_ON_IPHONE } from "./support/user-agents";

// The whole story, through the forms, as somebody who has just cloned the repository would live it.

test("sign up, sign in on a second device, end it from the first: its open tab leaves, and the first has the receipt", async ({
  open,
}) => {
  const email = freshEmail();
  const { page: laptop } = await open(CHROME_ON_MAC);
  await laptop.goto("/");
  await laptop.getByRole("link", { name: "Sign up" }).click();
  await laptop.getByLabel("Name (optional)").fill("Grace");
  await laptop.getByLabel("Email").fill(email);
  await laptop.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await laptop.getByRole("button", { name: "Create the account" }).click();
  await expect(laptop).toHaveURL("/sessions");
  await expect(laptop.getByText("1 session")).toBeVisible();

  const { page: phone } = await open(SAFARI_ON_IPHONE);
  await phone.goto("/login");
  await phone.getByLabel("Email").fill(email);
  await phone.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone).toHaveURL("/sessions");

  const cards = phone.getByRole("article");
  await expect(cards).toHaveCount(2);
  await expect(cards.nth(0)).toHaveAccessibleName("Safari on iOS");
  await expect(cards.nth(0)).toContainText("This device");
  await expect(cards.nth(1)).toHaveAccessibleName("Chrome on macOS");
  await expect(cards.nth(1)).not.toContainText("This device");
  await expect(cards.nth(1)).toContainText("Active now");

  await laptop.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  await expect(phone).toHaveURL("/login?next=%2Fsessions");
  await expect(phone.getByText("This device was signed out from Chrome on macOS")).toBeVisible();
  await expect(laptop.getByRole("status").getByText(`Signed out ${isolate("Safari on iOS")}.`)).toBeVisible();
  const history = laptop.getByRole("region", { name: "Signed out lately" });
  await expect(history.getByText("Signed out from Chrome on macOS")).toBeVisible();
  await expect(history.getByText(/^Confirmed by the device \d+(\.\d)?\ss later\.$/)).toBeVisible();
  await expect(laptop.getByText("1 session")).toBeVisible();

  await phone.getByLabel("Email").fill(email);
  await phone.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone).toHaveURL("/sessions");
});

test("a device without JavaScript is out at its next click", async ({ open, openSignedIn }) => {
  const laptop = await openSignedIn(CHROME_ON_MAC);
  const phone = await openSignedIn(SAFARI_ON_IPHONE, { javaScriptEnabled: false });
  await phone.page.goto("/dashboard");
  await laptop.page.goto("/sessions");
  await laptop.page.getByRole("button", { name: "Sign out Safari on iOS" }).click();
  const history = laptop.page.getByRole("region", { name: "Signed out lately" });
  await expect(history.getByText("Waiting for the device…")).toBeVisible();

  await phone.page.getByRole("link", { name: "Security" }).click();
  await expect(phone.page).toHaveURL("/login?next=%2Fsecurity");
  await expect(phone.page.getByText("This device was signed out from Chrome on macOS")).toBeVisible();
  await expect(history.getByText(/^Confirmed by the device/)).toBeVisible();

  await phone.page.goBack();
  await expect(phone.page).toHaveURL(/\/login/);
  const { page: stranger } = await open();
  await stranger.goto("/sessions");
  await expect(stranger.getByText("Sign in to continue.")).toBeVisible();
});
