import { connect, databaseServer, freshDatabase } from "../support/database/database";
import { startServer } from "../support/http/server";
import { addPerson } from "../support/people/people";
import { REFUSED, UNREACHABLE } from "./support/complaints";
import { device, devices } from "./support/devices";
import { openLiveList } from "./support/settled";
import { addDevice } from "./support/sign-in";
import { carry, expect, test } from "./support/test";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS } from "./support/user-agents";

test("an open tab survives that the server stops and starts again, and learns what happened meanwhile", async ({
  open,
  complaints,
}) => {
  complaints.expect(UNREACHABLE);
  complaints.expect(REFUSED);
  complaints.expect(/503/);
  const { stop: stopDatabase } = await databaseServer();
  const settings = { databaseUrl: await freshDatabase() };
  let server = await startServer(settings);
  const again = { ...settings, secrets: server.secrets, port: Number(new URL(server.url).port) };
  const db = connect(settings.databaseUrl);
  const person = await addPerson(db);
  const session = await addDevice(db, person, CHROME_ON_MAC);
  const { page, context } = await open(CHROME_ON_MAC, { baseURL: server.origin });
  await carry(context, session, server);

  await openLiveList(page);
  await expect(devices(page)).toHaveCount(1);

  await server.stop();
  await addDevice(db, person, FIREFOX_ON_WINDOWS);
  server = await startServer(again);
  await expect(device(page, "Firefox on Windows")).toBeVisible();
  const other = await addDevice(db, person, FIREFOX_ON_WINDOWS);
  await expect(devices(page)).toHaveCount(3);

  server.kill("SIGKILL");
  await server.ended;
  await db.query(
    "UPDATE sessions SET ended_at = now(), ended_reason = 'ended_from_another_device', ended_by_id = $2 WHERE id = $1",
    [session.id, other.id],
  );
  await expect(page.getByRole("heading", { name: "Devices", exact: true })).toBeVisible();
  server = await startServer(again);
  await expect(page).toHaveURL("/login?next=%2Fsessions");
  await expect(page.getByText("This device was signed out from Firefox on Windows")).toBeVisible();

  await server.stop();
  await db.end();
  await stopDatabase();
});
