import { isolate } from "@/app/_components/isolate";
import { freshEmail, PASSWORD } from "../support/people/people";
import { device, devices, openHistory, signOutDevice } from "./support/devices";
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
  await laptop.getByRole("button", { name: "Create account" }).click();
  await expect(laptop).toHaveURL("/sessions");
  await expect(laptop.getByText("Only this device is signed in.")).toBeVisible();

  const { page: phone } = await open(SAFARI_ON_IPHONE);
  await phone.goto("/login");
  await phone.getByLabel("Email").fill(email);
  await phone.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await phone.getByRole("button", { name: "Sign in" }).click();
  await expect(phone).toHaveURL("/sessions");

  await expect(devices(phone)).toHaveCount(2);
  await expect(device(phone, "Safari on iOS")).toContainText("This device");
  await expect(device(phone, "Chrome on macOS")).not.toContainText("This device");
  await expect(device(phone, "Chrome on macOS")).toContainText("Active now");

  await signOutDevice(laptop, "Safari on iOS");
  await expect(phone).toHaveURL("/login?next=%2Fsessions");
  await expect(phone.getByText("This device was signed out from Chrome on macOS")).toBeVisible();
  await expect(laptop.getByRole("status").getByText(`Signed out ${isolate("Safari on iOS")}.`)).toBeVisible();
  const row = device(laptop, "Safari on iOS");
  await expect(row).toContainText(/Device confirmed after \d+(\.\d)?\ss\./);
  const ended = (await openHistory(laptop)).filter({ hasText: "Safari on iOS" });
  await expect(ended).toContainText(/Signed out (just now|\d+ seconds ago) from Chrome on macOS\./, {
    useInnerText: true,
  });
  await expect(ended).toContainText(/Device confirmed after \d+(\.\d)?\ss\./);

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
  await signOutDevice(laptop.page, "Safari on iOS");
  const row = device(laptop.page, "Safari on iOS");
  await expect(row).toContainText("Access removed. Waiting for the device to confirm…");

  await phone.page.getByRole("link", { name: "Security" }).click();
  await expect(phone.page).toHaveURL("/login?next=%2Fsecurity");
  await expect(phone.page.getByText("This device was signed out from Chrome on macOS")).toBeVisible();
  await expect(row).toContainText("Device confirmed after");

  await phone.page.goBack();
  await expect(phone.page).toHaveURL(/\/login/);
  const { page: stranger } = await open();
  await stranger.goto("/sessions");
  await expect(stranger.getByText("Sign in to continue.")).toBeVisible();
});
