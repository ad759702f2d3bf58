// @ts-check
import { domainToASCII, domainToUnicode } from "node:url";
import { databaseUrlProblem } from "../lib/database/url.js";
import { withConnection } from "./database.js";
import { problem } from "./problem.js";
import { compileTypeScript } from "./tsx.js";

/**
 * `npm run admin -- <email>`: makes the account of that address an administrator's; with `--remove`, an ordinary one again.
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function admin(args) {
  const [email, ...others] = args.filter((each) => each !== "--remove");
  if (!email || others.length > 0) throw problem("Say whose: npm run admin -- ada@example.com");
  const role = args.includes("--remove") ? "user" : "admin";
  const { DATABASE_URL, NODE_ENV } = process.env;
  if (DATABASE_URL) return setRole(DATABASE_URL, email, role);
  if (NODE_ENV === "production") throw problem("DATABASE_URL is missing.");
  await compileTypeScript();
  const { withDatabase } = await import("./development/development.ts");
  return withDatabase((url) => setRole(url, email, role));
}

/**
 * @param {string} url
 * @param {string} email
 * @param {"user" | "admin"} role
 * @returns {Promise<number>}
 */
async function setRole(url, email, role) {
  const wrong = databaseUrlProblem(url);
  if (wrong) throw problem(`DATABASE_URL ${wrong}`);
  return withConnection(url, async (client) => {
    // One statement, so the event is there exactly when the change is. A trigger tells every instance.
    const { rows } = await client.query(
      `WITH wanted AS (
         SELECT id FROM users WHERE email = ANY($1::text[]) ORDER BY array_position($1::text[], email) LIMIT 1
       ), changed AS (
         UPDATE users SET role = $2::role WHERE id IN (SELECT id FROM wanted) AND role <> $2::role RETURNING id
       ), noted AS (
         INSERT INTO security_events (type, user_id, detail)
         SELECT 'role_changed', id, jsonb_build_object('role', $2::text) FROM changed
       )
       SELECT email, (SELECT count(*) FROM changed)::int AS changed FROM users WHERE id IN (SELECT id FROM wanted)`,
      [spellingsOf(email), role],
    );
    const [account] = rows;
    if (!account) throw problem(`There is no account with the address ${email}.`);
    const are = role === "admin" ? "an administrator" : "no administrator";
    console.log(`${account.email} is ${are}${account.changed === 0 ? " already" : " now"}.`);
    return 0;
  });
}

/**
 * How the address may be stored, the best match first: see lib/account/email.ts.
 * @param {string} typed
 * @returns {string[]}
 */
function spellingsOf(typed) {
  const lower = typed.trim().normalize("NFC").toLowerCase();
  const spellings = [lower, lower.normalize("NFC"), lower.replaceAll("ς", "σ").normalize("NFC")];
  const inBoth = spellings.flatMap((email) => {
    const at = email.lastIndexOf("@") + 1;
    const [local, domain] = [email.slice(0, at), email.slice(at)];
    return [local + domainToASCII(domain), local + domainToUnicode(domain).normalize("NFC")];
  });
  return [...new Set([...spellings, ...inBoth])];
}
