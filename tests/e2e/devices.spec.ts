import type { Locator, Route } from "@playwright/test";
import { isolate } from "@/app/_components/isolate";
import { PRODUCT } from "@/lib/product";
import { patience } from "../support/runner/slowness";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import {
  askEverywhere,
  confirm,
  device,
  devices,
  names,
  openHistory,
  openRename,
  signOutButton,
  signOutDevice,
  title,
} from "./support/devices";
import { logIn } from "./support/forms";
import { openLiveList, openSettled } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./support/user-agents";

/** Whether a text is drawn from its first letter at the left to its last at the right: no name turns it around. */
function isDrawnForwards(text: Locator): Promise<boolean> {
  return text.evaluate((element) => {
    const lefts: number[] = [];
    const range = document.createRange();
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode as Text;
      for (let offset = 0; offset < node.length; offset += 1) {
        range.setStart(node, offset);
        range.setEnd(node, offset + 1);
        lefts.push(range.getBoundingClientRect().left);
      }
    }
    return lefts[0] === Math.min(...lefts) && lefts.at(-1) === Math.max(...lefts);
  });
}

test("what is known of a device is shown: in its row what matters, in its details everything, exact times included", async ({
  openSignedIn,
}) => {
  await openSignedIn(SAFARI_ON_IPHONE, {
    startedAgo: 8 * 86_400,
    seenAgo: 3_600,
    idleSeconds: 7_200,
    ip: "198.51.100.7",
    endsIn: 86_400,
  });
  const { page } = await openSignedIn(CHROME_ON_MAC, { ip: "127.0.0.1" });
  await openLiveList(page);
  const isInTheWay = await page.evaluate(() => {
    const { bottom, left } = document.querySelector("main .said")?.getBoundingClientRect() ?? new DOMRect();
    return document.elementFromPoint(left + 1, bottom - 1)?.matches(".said");
  });
  expect(isInTheWay, "the place of a message that is not there").toBe(false);
  const phone = device(page, "Safari on iOS");
  await expect(phone).toContainText("Phone");
  await expect(phone).toContainText("Unknown place");
  await expect(phone).toContainText("198.51.100.7");
  await expect(phone).toContainText("Signed in 8 days ago · password");
  await expect(phone).toContainText("1 hour ago");
  await expect(phone).not.toContainText("New");
  const here = device(page, "Chrome on macOS");
  await expect(here).toContainText("This device");
  await expect(here).toContainText("This computer · signed in just now with password");
  await expect(here).not.toContainText("127.0.0.1");

  await page.getByRole("button", { name: "More for Safari on iOS" }).press("Enter");
  await expect(page.getByText(/^Last active: [A-Z][a-z]+ \d+, \d{4} at/)).toBeVisible();
  await page.getByRole("button", { name: "Details" }).press("Enter");
  const details = page.getByRole("dialog", { name: "Safari on iOS" });
  await expect(details).toContainText(/Signed in\s*8 days ago\s*[A-Z][a-z]+ \d+, \d{4} at/);
  await expect(details).toContainText(/Last active\s*1 hour ago\s*[A-Z][a-z]+ \d+, \d{4} at/);
  await expect(details).toContainText(/Signs out, unless used,\s*in (60 minutes|1 hour)/);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "More for Safari on iOS" })).toBeFocused();
});

test("devices of one name are told apart, new ones stand first, and the latest is asked about", async ({
  openSignedIn,
  person,
  db,
}) => {
  const add = async (facts: object, place: string | null) => {
    const { id } = await addDevice(db, person, SAFARI_ON_IPHONE, {
      idleSeconds: 86_400 * 30,
      endsIn: 86_400,
      ...facts,
    });
    await db.query("UPDATE sessions SET location = $2 WHERE id = $1", [id, place]);
  };
  await add({ startedAgo: 86_400 * 20, seenAgo: 200 }, "Lisbon, PT");
  await add({ startedAgo: 30, seenAgo: 4_000 }, "Porto, PT");
  await addDevice(db, person, FIREFOX_ON_WINDOWS, {
    startedAgo: 6 * 86_400,
    seenAgo: 300,
    idleSeconds: 7_200,
    endsIn: 86_400,
    name: "Twin",
  });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 60, seenAgo: 310, name: "twin" });
  const { page } = await openSignedIn(CHROME_ON_MAC, { startedAgo: 45 });
  await openLiveList(page);
  expect(await names(page)).toEqual([
    "Twin · 6 days ago",
    "twin · 1 minute ago",
    "Safari on iOS · Porto, PT",
    "Safari on iOS · Lisbon, PT",
  ]);
  await expect(signOutButton(page, "Safari on iOS, Porto, PT")).toBeVisible();

  const news = page.getByText("New sign-in: Safari on iOS", { exact: true });
  await expect(news).toBeVisible();
  await page.getByRole("button", { name: "It was me" }).click();
  await expect(news).toHaveCount(0);
  await expect(title(page)).toBeFocused();
  await page.reload();
  await expect(devices(page)).toHaveCount(5);
  await expect(news).toHaveCount(0);
});

test("somebody else's sign-in is ended from the news, which stay in their place and lead to the password", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page } = await openSignedIn(CHROME_ON_MAC, { startedAgo: 60 });
  await addDevice(db, person, SAFARI_ON_IPHONE);
  await openLiveList(page);
  const row = device(page, "Safari on iOS");
  const before = await row.boundingBox();
  await page.getByRole("button", { name: "Not me: sign it out" }).click();
  await expect(page.getByRole("dialog")).toContainText("Then change your password");
  await confirm(page);
  await expect(row).toContainText("Access removed.");
  expect(await row.boundingBox()).toEqual(before);
  await expect(
    page.getByRole("main").getByRole("link", { name: "Change your password", exact: true }),
  ).toBeVisible();
  await page.getByRole("link", { name: "Now change your password" }).click();
  await expect(page).toHaveURL("/security");
});

test("your device and six others fit into 640 px of height, in rows that are as low as they may be", async ({
  openSignedIn,
  person,
  db,
}) => {
  for (let count = 1; count <= 6; count += 1)
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 3_600, name: `Phone ${count}` });
  for (const [width, most] of [
    [1280, 64],
    [360, 76],
  ] as const) {
    const { page } = await openSignedIn(CHROME_ON_MAC, { viewport: { width, height: 640 } });
    await openSettled(page, "/sessions");
    const boxes = await page.locator("li[data-device]").evaluateAll((rows) =>
      rows.slice(-6).map((row) => {
        const { height, bottom } = row.getBoundingClientRect();
        return { height, bottom };
      }),
    );
    for (const { height } of boxes) expect(height).toBeLessThanOrEqual(most);
    if (width === 1280) expect(boxes.at(-1)?.bottom).toBeLessThanOrEqual(640);
    await page.context().close();
    await db.query("DELETE FROM sessions WHERE user_id = $1 AND browser = 'Chrome'", [person.id]);
  }
});

test("on a phone a press on a row opens its details from below, with what can be done", async ({
  openSignedIn,
}) => {
  await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 600 });
  const { page } = await openSignedIn(CHROME_ON_MAC, { viewport: { width: 360, height: 640 } });
  await openLiveList(page);
  await device(page, "Safari on iOS").click({ position: { x: 60, y: 60 } });
  const sheet = page.getByRole("dialog", { name: "Safari on iOS" });
  const box = await sheet.boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBe(640);
  await sheet.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("dialog", { name: "Sign out Safari on iOS?" })).toBeVisible();
  await confirm(page);
  await expect(device(page, "Safari on iOS")).toContainText("Access removed.");
});

test("a device is active for two minutes, by the clock of an open page, too", async ({ openSignedIn }) => {
  await openSignedIn(FIREFOX_ON_WINDOWS, { seenAgo: 60 });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await page.clock.install();
  await openLiveList(page);
  const other = device(page, "Firefox on Windows");
  await expect(other.getByText("Active now")).toBeVisible();
  // After such a leap the page takes its stream for dead and fetches the list, by the clock of a server that has not leapt.
  await page.route("/sessions?_rsc=*", () => {});
  await page.clock.fastForward(75_000);
  await expect(other.getByText("Active now")).toBeHidden();
  await expect(other.getByText("2 minutes ago")).toBeVisible();
});

test("a page whose news have stopped says so, and goes on when they come again", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  const { page, context } = await openSignedIn();
  await openLiveList(page);
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await expect(page.getByText("You’re offline.")).toBeVisible();
  await context.setOffline(false);
});

test("the history tells of 90 days, a page at a time", async ({ openSignedIn, person, db }) => {
  const { page, session } = await openSignedIn(CHROME_ON_MAC);
  for (let count = 1; count <= 60; count += 1) {
    const { id } = await addDevice(db, person, SAFARI_ON_IPHONE, {
      startedAgo: 86_400,
      endedAgo: 60 * count,
      reason: "logout_others",
      name: `Phone ${count}`,
    });
    if (count === 1)
      await db.query(
        "UPDATE sessions SET ended_by_id = $2, confirmed_at = ended_at + interval '0.2 s' WHERE id = $1",
        [id, session.id],
      );
  }
  const rows = await openHistory(page);
  await expect(rows).toHaveCount(50);
  await expect(rows.first()).toContainText("Phone 1");
  await expect(rows.first()).toContainText(
    "Signed out 1 minute ago from Chrome on macOS, with all other devices.",
    { useInnerText: true },
  );
  await expect(rows.first()).toContainText("Device confirmed after 0.2\u00a0s.");
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(10);
  await expect(rows.last()).toContainText("Phone 60");
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  await page.goto("/sessions/history?cursor=nonsense");
  await expect(rows).toHaveCount(50);
});

test.describe("what of many devices is shown", () => {
  test("is chosen by kind and by words, without a fetch, and stays in the address", async ({
    openSignedIn,
    person,
    db,
  }) => {
    for (let count = 1; count <= 21; count += 1)
      await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 200 + count, name: `Phone ${count}` });
    await addDevice(db, person, FIREFOX_ON_WINDOWS, { kind: "api", name: "Nightly report", seenAgo: 500 });
    const { page } = await openSignedIn();
    await openLiveList(page);
    await expect(page.getByText("Earlier", { exact: true })).toBeVisible();
    const requests: string[] = [];
    // The code of the dialogs is fetched with the first touch of the list.
    page.on(
      "request",
      (request) => /icon\.svg|_next\/static/.test(request.url()) || requests.push(request.url()),
    );
    await page.getByRole("searchbox").fill("ios phone 7");
    await expect.poll(() => names(page)).toEqual(["Phone 7", "Phone 17"]);
    await page.getByRole("link", { name: "API", exact: true }).click();
    await expect(page.getByText("No device matches.")).toBeVisible();
    await expect(page).toHaveURL("/sessions?kind=api&words=ios+phone+7");
    await page.getByRole("button", { name: "Show all" }).click();
    await expect(devices(page)).toHaveCount(23);
    await page.getByRole("link", { name: "API", exact: true }).click();
    expect(await names(page)).toEqual(["Nightly report"]);
    expect(requests).toEqual([]);
    await page.reload();
    await expect.poll(() => names(page)).toEqual(["Nightly report"]);
  });

  test("weighs little: a hundred devices are at most 300 kB of HTML", async ({
    openSignedIn,
    person,
    db,
  }) => {
    for (let count = 1; count < 100; count += 1)
      await addDevice(db, person, SAFARI_ON_IPHONE, {
        startedAgo: 300 + count,
        name: count % 2 ? `The phone with the number ${count}` : null,
        ip: `2001:db8:85a3::8a2e:370:${count}`,
      });
    const { page } = await openSignedIn();
    const answer = await page.goto("/sessions");
    expect(await devices(page).count()).toBe(100);
    expect((await answer?.body())?.byteLength).toBeLessThan(300_000);
  });
});

test.describe("a name", () => {
  test("is trimmed, announced, and taken back by an empty one", async ({ openSignedIn, db }) => {
    const { page, session } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const nameInDatabase = async () => {
      const { rows } = await db.query("SELECT name FROM sessions WHERE id = $1", [session.id]);
      return rows[0]?.name;
    };
    const field = await openRename(page, "Chrome on macOS");
    await expect(field).toHaveValue("Chrome on macOS");
    await expect(field).toHaveAccessibleDescription("Leave empty for the default, “Chrome on macOS”.");
    // What is there is selected, so that typing replaces it.
    await page.keyboard.type("   Kitchen table  ");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText(`Renamed to ${isolate("Kitchen table")}.`)).toBeVisible();
    await expect(device(page, "Kitchen table")).toContainText("Chrome on macOS");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(device(page, "Kitchen table").getByRole("link")).toBeFocused();
    expect(await nameInDatabase()).toBe("Kitchen table");

    await (await openRename(page, "Kitchen table")).fill("   ");
    await page.keyboard.press("Enter");
    await expect(device(page, "Chrome on macOS")).toBeVisible();
    expect(await nameInDatabase()).toBeNull();
  });

  test("is left as it was by Escape and by Cancel, and the focus goes back", async ({ openSignedIn }) => {
    await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 60 });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    const more = page.getByRole("button", { name: "More for Safari on iOS" });
    for (const leave of [
      () => page.keyboard.press("Escape"),
      () => page.getByRole("button", { name: "Cancel" }).click(),
    ]) {
      await more.press("Enter");
      await page.getByRole("button", { name: "Rename" }).press("Enter");
      await expect(page.getByRole("dialog").getByLabel("Name", { exact: true })).toBeFocused();
      await page.keyboard.type("Not this");
      await leave();
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await expect(more).toBeFocused();
      await expect(device(page, "Safari on iOS")).toBeVisible();
    }
  });

  test("of 60 characters is taken, of 61 refused at its field, and what was typed is kept", async ({
    openSignedIn,
  }) => {
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const field = await openRename(page, "Chrome on macOS");
    await field.pressSequentially("x".repeat(61));
    await expect(field).toHaveValue("x".repeat(60));

    await field.evaluate((input) => input.removeAttribute("maxlength"));
    await field.fill("y".repeat(61));
    await page.keyboard.press("Enter");
    await expect(field).toHaveAccessibleDescription(/Use 60 characters or fewer\./);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveValue("y".repeat(61));
    await expect(field).toBeFocused();

    await field.fill("z".repeat(60));
    await page.keyboard.press("Enter");
    await expect(device(page, "z".repeat(60))).toBeVisible();
  });

  test("may be anything: it is shown as text, and nothing else", async ({ openSignedIn }) => {
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    const name = `<img src=x onerror="document.title='broken'"> 🗝️ مفتاح`;
    await (await openRename(page, "Chrome on macOS")).fill(name);
    await page.keyboard.press("Enter");
    await expect(device(page, name)).toBeVisible();
    await page.reload();
    await expect(device(page, name)).toBeVisible();
    await expect(page.locator("img")).toHaveCount(0);
    await expect(page).toHaveTitle(`Devices · ${PRODUCT.name}`);
  });

  test("may be written from right to left, and turns nothing around beside it", async ({ openSignedIn }) => {
    const name = "هاتف\u202e العمل";
    await openSignedIn(SAFARI_ON_IPHONE, { name, ip: "203.0.113.44", startedAgo: 600 });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await page.goto("/sessions");
    expect(await isDrawnForwards(device(page, name).getByText("203.0.113.44"))).toBe(true);
    await signOutDevice(page, name);
    const said = page.getByText(`Signed out ${isolate(name)}.`);
    await expect(said).toBeVisible();
    expect(await isDrawnForwards(said)).toBe(true);
    const row = (await openHistory(page)).filter({ hasText: name });
    expect(await isDrawnForwards(row.getByText("Unknown place"))).toBe(true);
  });
});

test("two clicks in one place never end two devices: the row stays, and its button is gone", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60 });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 120 });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await openLiveList(page);
  const order = await names(page);
  const box = await signOutButton(page, "Safari on iOS").boundingBox();
  const [x, y] = [(box?.x ?? 0) + 5, (box?.y ?? 0) + 5];
  await signOutDevice(page, "Safari on iOS");
  await expect(device(page, "Safari on iOS")).toContainText("Access removed.");
  for (const clickCount of [1, 2, 1]) {
    await page.mouse.click(x, y, { clickCount });
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  expect(await names(page)).toEqual(order);
  await expect(signOutButton(page, "Firefox on Windows")).toBeVisible();
});

test("a new sign-in moves nothing under a hand: it waits above the list until it is wanted", async ({
  openSignedIn,
  person,
  db,
}) => {
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 600 });
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await openLiveList(page);
  const row = device(page, "Safari on iOS");
  await signOutButton(page, "Safari on iOS").hover();
  const before = await row.boundingBox();
  await addDevice(db, person, FIREFOX_ON_WINDOWS);
  const show = page.getByRole("button", { name: "Show 1 new device" });
  await expect(show).toBeVisible();
  await expect(page.getByRole("heading", { name: "Other devices 2" })).toBeVisible();
  expect(await row.boundingBox()).toEqual(before);
  await show.click();
  await expect.poll(() => names(page)).toEqual(["Firefox on Windows", "Safari on iOS"]);
  await expect(page.getByText("New sign-in: Firefox on Windows", { exact: true })).toBeVisible();
});

test.describe("ending sessions by keyboard alone", () => {
  test("one of many: a double press ends it once, and the focus stays in its row", async ({
    openSignedIn,
    person,
    db,
  }) => {
    await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 60 });
    await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 120 });
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    let posts = 0;
    page.on("request", (request) => {
      if (request.method() === "POST") posts += 1;
    });
    await signOutButton(page, "Safari on iOS").focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Sign out Safari on iOS?" });
    await expect(dialog).toHaveAccessibleDescription(
      /^Unknown place · last active 1 minute ago It loses access immediately\. This can’t be undone\.$/,
    );
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(signOutButton(page, "Safari on iOS")).toBeFocused();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    const message = page.getByRole("status").getByText(`Signed out ${isolate("Safari on iOS")}.`);
    await expect(message).toBeVisible();
    await expect(device(page, "Safari on iOS").getByRole("heading")).toBeFocused();
    expect(posts).toBe(1);
    await expect(message).toHaveCount(0, { timeout: patience(20_000) });
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  });

  test("all others: a dialog asks first, and the focus goes where it belongs", async ({ openSignedIn }) => {
    const phone = await openSignedIn(SAFARI_ON_IPHONE);
    const other = await openSignedIn(FIREFOX_ON_WINDOWS);
    await phone.page.goto("/dashboard");
    await other.page.goto("/security");
    const { page } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    const button = page.getByRole("button", { name: "Sign out all others…" });
    const dialog = page.getByRole("dialog", { name: "Sign out all other devices?" });
    await button.focus();
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveAccessibleDescription(
      "2 devices lose access immediately. You stay signed in here. This can’t be undone.",
    );
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(button).toBeFocused();

    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveCount(0);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await expect(dialog.getByRole("button", { name: "Sign out all others" })).toBeFocused();
    await page.keyboard.press("Enter");

    await expect(page.getByRole("status").getByText("Signed out 2 devices.")).toBeVisible();
    await expect(button).toHaveCount(0);
    await expect(title(page)).toBeFocused();
    for (const left of [phone.page, other.page]) {
      await expect(
        left.getByText("This device and all others were signed out from Chrome on macOS"),
      ).toBeVisible();
    }
    await expect(page.getByText(/^Device confirmed after/)).toHaveCount(2);
  });

  test("everywhere: this device, too", async ({ openSignedIn, open, person, complaints }) => {
    complaints.expect(REFUSED);
    const phone = await openSignedIn(SAFARI_ON_IPHONE);
    await phone.page.goto("/dashboard");
    const { page, context } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    await askEverywhere(page);
    const dialog = page.getByRole("dialog", { name: "Sign out everywhere?" });
    await expect(dialog).toHaveAccessibleDescription(
      "Both devices are signed out, including this one. You’ll need your password to sign in again.",
    );
    await dialog.getByRole("button", { name: "Sign out everywhere" }).press("Enter");
    await expect(page).toHaveURL("/login?signed_out=everywhere");
    await expect(page.getByText("You’re signed out everywhere.")).toBeVisible();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("session");
    await expect(phone.page.getByText("You were signed out everywhere, from Chrome on macOS")).toBeVisible();

    const later = await open();
    await later.page.goto("/login");
    await logIn(later.page, person.email);
    await expect(title(later.page)).toBeVisible();
    const row = (await openHistory(later.page)).filter({
      hasText: "“Sign out everywhere” on Chrome on macOS",
    });
    await expect(row).toHaveCount(2);
  });
});

test("a server that does not answer takes nothing away: it is said, and what was typed and the focus stay", async ({
  openSignedIn,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  complaints.expect(/502|409/);
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  await openLiveList(page);
  const failure = "We couldn’t reach the server";
  const field = await openRename(page, "Chrome on macOS");
  await field.fill("Kitchen table");
  await context.setOffline(true);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("alert").getByText(failure)).toBeVisible();
  await expect(field).toHaveValue("Kitchen table");
  await expect(field).toBeFocused();
  await context.setOffline(false);
  await page.keyboard.press("Escape");

  const row = device(page, "Safari on iOS");
  const button = row.locator("button[name=device]");
  const before = await button.boundingBox();
  const held = new Promise<Route>((resolve) => page.route("/sessions", resolve));
  await signOutDevice(page, "Safari on iOS");
  await expect(button).toHaveAccessibleName(/Signing out…/);
  await expect(row).toHaveAttribute("aria-busy", "true");
  expect(await button.boundingBox()).toEqual(before);
  await (await held).fulfill({ status: 502, contentType: "text/html", body: "Bad gateway" });
  await expect(row.getByRole("alert")).toContainText(failure);
  await expect(button).toBeFocused();

  await page.unroute("/sessions");
  // What Next answers to an action of another build.
  const unknown = { status: 409, headers: { "x-nextjs-action-not-found": "1" } };
  await page.route("/sessions", (route) => route.fulfill(unknown));
  // The question has been answered: it is only sent again.
  await page.getByRole("button", { name: "Try again Safari on iOS" }).click();
  await expect(row.getByRole("alert")).toContainText("This page is out of date. Reload it, then try again.");
  await page.unroute("/sessions");
  await page.getByRole("button", { name: "Try again Safari on iOS" }).click();
  await expect(row).toContainText("Access removed.");
  await expect(row.getByRole("alert")).toHaveCount(0);
});

test("a session that ended in the meantime is not ended again", async ({ openSignedIn, db, complaints }) => {
  complaints.expect(UNREACHABLE);
  const { session } = await openSignedIn(SAFARI_ON_IPHONE);
  const { page, context } = await openSignedIn(CHROME_ON_MAC);
  await context.route("**/api/auth/events*", (route) => route.abort());
  await openSettled(page, "/sessions");
  await db.query("UPDATE sessions SET ended_at = now(), ended_reason = 'logout' WHERE id = $1", [session.id]);
  await signOutDevice(page, "Safari on iOS");
  await expect(device(page, "Safari on iOS")).toContainText("on the device itself.");
  await expect(signOutButton(page, "Safari on iOS")).toHaveCount(0);
});

test("a device that does not answer is said not to have been online", async ({ openSignedIn }) => {
  await openSignedIn(SAFARI_ON_IPHONE);
  const { page } = await openSignedIn(CHROME_ON_MAC);
  await openSettled(page, "/sessions");
  await signOutDevice(page, "Safari on iOS");
  const row = device(page, "Safari on iOS");
  await expect(row).toContainText("Access removed. Waiting for the device to confirm…");
  await expect(row).toContainText("Access removed. The device hasn’t been online since.");
});

test.describe("when the password was last typed a while ago", () => {
  const LONG_AGO = "UPDATE sessions SET auth_time = now() - interval '16 minutes' WHERE id = $1";

  test("ending a device asks for it in the same dialog, and forgets nothing when it is wrong", async ({
    openSignedIn,
    person,
    db,
  }) => {
    const phone = await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 2_000 });
    await phone.page.goto("/dashboard");
    const { page, session, context } = await openSignedIn(CHROME_ON_MAC);
    await db.query(LONG_AGO, [session.id]);
    await openLiveList(page);
    await signOutButton(page, "Safari on iOS").click();
    const dialog = page.getByRole("dialog", { name: "Sign out Safari on iOS?" });
    const password = dialog.getByLabel("Password", { exact: true });
    await expect(password).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(password).toHaveAccessibleDescription(/Enter your password\./);
    await password.fill("not the password at all");
    await page.keyboard.press("Enter");
    await expect(password).toHaveAccessibleDescription(/Incorrect password\./);
    await expect(password).toBeFocused();
    await expect(device(page, "Safari on iOS")).toContainText("Sign out");
    const cookie = async () => (await context.cookies()).find(({ name }) => name === "session")?.value;
    const before = await cookie();
    await password.fill(person.password);
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveCount(0);
    await expect(device(page, "Safari on iOS")).toContainText("Device confirmed after");
    // The token is another one now, and the person has just proved who they are.
    expect(await cookie()).not.toBe(before);
    const { rows } = await db.query(
      "SELECT now() - auth_time < interval '1 minute' AS fresh FROM sessions WHERE id = $1",
      [session.id],
    );
    expect(rows).toEqual([{ fresh: true }]);
    await expect(phone.page).toHaveURL(/\/login/);
  });

  test("a page that does not know yet is told, and asks then", async ({ openSignedIn, person, db }) => {
    await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 2_000 });
    const { page, session } = await openSignedIn(CHROME_ON_MAC);
    await openLiveList(page);
    await db.query(LONG_AGO, [session.id]);
    await page.getByRole("button", { name: "Sign out all others…" }).click();
    await confirm(page);
    const password = page.getByRole("dialog").getByLabel("Password", { exact: true });
    await expect(password).toBeFocused();
    await password.fill(person.password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("status").getByText("Signed out 1 device.")).toBeVisible();
  });

  test("without a script the page of the question asks for it", async ({ openSignedIn, person, db }) => {
    const { session: phone } = await openSignedIn(SAFARI_ON_IPHONE, { startedAgo: 2_000 });
    const { page, session } = await openSignedIn(CHROME_ON_MAC, { javaScriptEnabled: false });
    await db.query(LONG_AGO, [session.id]);
    await page.goto("/sessions");
    await signOutButton(page, "Safari on iOS").click();
    await page.getByLabel("Password", { exact: true }).fill("not the password at all");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByText("Incorrect password.")).toBeVisible();
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await expect(page.getByRole("status").getByText(`Signed out ${isolate("Safari on iOS")}.`)).toBeVisible();
    const { rows } = await db.query("SELECT ended_reason FROM sessions WHERE id = $1", [phone.id]);
    expect(rows).toEqual([{ ended_reason: "ended_from_another_device" }]);
  });
});

test("a device that is not recognised takes the API sessions along, and everything if that is wanted", async ({
  openSignedIn,
  person,
  db,
}) => {
  const { page } = await openSignedIn(CHROME_ON_MAC, { startedAgo: 60 });
  await addDevice(db, person, SAFARI_ON_IPHONE, { startedAgo: 600 });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 700 });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 800, kind: "api", name: "Nightly report" });
  await openLiveList(page);
  const stranger = async (name: string) => {
    await page.getByRole("button", { name: `More for ${name}`, exact: true }).click();
    await page.getByRole("button", { name: "I don’t recognise this" }).click();
  };
  await stranger("Safari on iOS");
  await confirm(page);
  await expect(page.getByText("Signed out 2 devices.")).toBeVisible();
  await expect(device(page, "Safari on iOS")).toContainText("Access removed.");
  await expect(device(page, "Nightly report")).toContainText("Access removed.");
  await addDevice(db, person, SAFARI_ON_IPHONE, { name: "Kitchen" });
  await stranger("Firefox on Windows");
  await page.getByLabel("Also sign out all my other devices").check();
  await confirm(page);
  await expect(device(page, "Firefox on Windows")).toContainText("Access removed.");
  const { rows } = await db.query(
    "SELECT count(*)::int AS live FROM sessions WHERE user_id = $1 AND ended_at IS NULL",
    [person.id],
  );
  expect(rows).toEqual([{ live: 1 }]);
});
