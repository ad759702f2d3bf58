import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type Proof, startSession } from "@/lib/account/sign-in/start-session";
import { verifySession } from "@/lib/session/verify";
import { ownDatabase } from "../support/database/database";
import { actor, signIn } from "../support/people/actors";
import { addPerson, addSession, type Person } from "../support/people/people";

// Another way to sign in than a password is another proof: nothing of sessions, tokens or revocation knows which.

const db = ownDatabase();
afterAll(() => db.end());

const ACTOR = actor("192.0.2.9");

let person: Person;
beforeEach(async () => {
  person = await addPerson(db);
});

/** Somebody was recognised by a key of theirs, good for one sign-in. */
function keyOf({ id }: Person, used: Set<string>): Proof {
  return {
    amr: ["hwk"],
    async find(tx) {
      if (used.has(id)) return null;
      used.add(id);
      return tx.user.findFirst({ where: { id, disabledAt: null } });
    },
  };
}

const liveOf = async ({ id }: Person) =>
  (await db.query("SELECT id, amr FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [id])).rows;

describe("a sign-in by another proof", () => {
  test("starts a session that says so in its row and in its token", async () => {
    const signedIn = await startSession(keyOf(person, new Set()), signIn(), ACTOR);
    if (!signedIn) throw new Error("Nobody was signed in.");
    expect(await liveOf(person)).toEqual([{ id: signedIn.session.id, amr: ["hwk"] }]);
    const verdict = await verifySession({ form: "bearer", value: signedIn.token }, new Date());
    expect(verdict).toMatchObject({ ok: true, user: { id: person.id }, claims: { amr: ["hwk"] } });
  });

  test("starts none where the proof is used up", async () => {
    const proof = keyOf(person, new Set());
    expect(await startSession(proof, signIn(), ACTOR)).not.toBeNull();
    expect(await startSession(proof, signIn(), ACTOR)).toBeNull();
    expect(await liveOf(person)).toHaveLength(1);
  });

  test("starts none where what belongs to it fails, and ends nothing", async () => {
    const held = await addSession(db, person);
    const proof: Proof = { ...keyOf(person, new Set()), settle: () => Promise.reject(new Error("No.")) };
    await expect(startSession(proof, signIn({ replaces: held.id }), ACTOR)).rejects.toThrow("No.");
    expect(await liveOf(person)).toEqual([{ id: held.id, amr: ["pwd"] }]);
  });

  test("takes the place of the session that the browser held, as one by password does", async () => {
    const held = await addSession(db, person);
    const signedIn = await startSession(keyOf(person, new Set()), signIn({ replaces: held.id }), ACTOR);
    expect((await liveOf(person)).map(({ id }) => id)).toEqual([signedIn?.session.id]);
  });
});
