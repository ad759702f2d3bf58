import { connect, databaseServer, freshDatabase } from "../support/database/database";
import { browser } from "../support/http/client";
import { startServer } from "../support/http/server";
import { Smtp } from "../support/mail/smtp";
import { addPerson, PASSWORD } from "../support/people/people";
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

test("a mail as received is legible at 360 px, in light and in dark, and loads nothing", async ({ open }) => {
  const { stop: stopDatabase } = await databaseServer();
  const smtp = await Smtp.start();
  const server = await startServer({ databaseUrl: await freshDatabase(), env: { SMTP_URL: smtp.url } });
  const db = connect(server.databaseUrl);
  const { email } = await addPerson(db, { verified: true });
  await browser(server).post("/api/auth/login", { form: { email, password: PASSWORD } });
  const { html } = await smtp.mail(email, /New sign-in/);

  const { page } = await open(undefined, { baseURL: server.origin });
  await page.setViewportSize({ width: 360, height: 740 });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.setContent(html);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const [content, window] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(content, colorScheme).toBe(window);
    await expect(page.getByRole("link", { name: "This wasn’t me" })).toBeVisible();
  }
  const colors = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colors();
  await page.emulateMedia({ colorScheme: "light" });
  expect(await colors()).not.toBe(dark);
  await expectAccessible(page, "a mail");
  expect(asked).toEqual([]);
  await server.stop();
  await smtp.stop();
  await db.end();
  await stopDatabase();
});
