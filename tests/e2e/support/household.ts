import type pg from "pg";
import type { Person } from "../../support/people/people";
import { addDevice } from "./sign-in";
import { CHROME_ON_MAC, FIREFOX_ON_WINDOWS, SAFARI_ON_IPHONE } from "./user-agents";

/** Gives somebody a sessions page with something of everything: live and ended, short and long. */
export async function addHousehold(db: pg.Pool, person: Person): Promise<void> {
  const long = "Das Telefon mit dem viel zu langen Namen".padEnd(60, "x");
  await addDevice(db, person, SAFARI_ON_IPHONE, {
    startedAgo: 7_000,
    name: long,
    ip: "2001:db8:85a3::8a2e:370:7334",
  });
  await addDevice(db, person, FIREFOX_ON_WINDOWS, { startedAgo: 30, ip: "203.0.113.44" });
  const by = await addDevice(db, person, CHROME_ON_MAC, { startedAgo: 600, name: "Work" });
  const reasons = ["ended_from_another_device", "logout_others", "password_changed", "idle", "logout"];
  for (const [index, reason] of reasons.entries()) {
    const { id } = await addDevice(db, person, SAFARI_ON_IPHONE, {
      startedAgo: 80_000,
      endedAgo: 3_600 * (index + 1),
      reason,
      name: index === 1 ? "y".repeat(60) : null,
    });
    if (index < 3) await db.query("UPDATE sessions SET ended_by_id = $2 WHERE id = $1", [id, by.id]);
    if (index === 0) {
      await db.query("UPDATE sessions SET confirmed_at = ended_at + interval '0.2 s' WHERE id = $1", [id]);
    }
  }
}
