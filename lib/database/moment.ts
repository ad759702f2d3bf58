import "server-only";

// One moment is one moment: times cross to the database and back with their offset, whatever the time zone of the
// connection is.

const ISO =
  /^(?<day>\d{4}-\d\d-\d\d) (?<time>\d\d:\d\d:\d\d)(?:\.(?<fraction>\d{1,6}))?(?<sign>[+-])(?<h>\d\d)(?::(?<m>\d\d))?(?::(?<s>\d\d))?$/;

/** A `timestamptz` as PostgreSQL writes it with DateStyle ISO. Throws for every other style: a guess could be hours off. */
export function readMoment(text: string): Date {
  const parts = ISO.exec(text)?.groups;
  if (!parts) throw new Error(`The database wrote a time that cannot be read: "${text}".`);
  const { day, time, fraction = "0", sign, h = "0", m = "0", s = "0" } = parts;
  const clock = Date.parse(`${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  const offset = ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000;
  return new Date(sign === "-" ? clock + offset : clock - offset);
}

/** The same in writing. Not with "Z", which is an abbreviation that a setting of the server could redefine. */
export function spellMoment(moment: Date): string {
  return moment.toISOString().replace("Z", "+00:00");
}
