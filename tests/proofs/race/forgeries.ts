import { setTimeout as pause } from "node:timers/promises";
import { addStranger, type Stranger } from "../support/forger";
import type { Stage } from "./faults";
import { pick, type World } from "./world";

// What a role that may only connect sends all the time: news of live sessions that would be over, fences and
// acknowledgements that are made up, those that it has overheard, and garbage.

const MOST_OVERHEARD = 200;
const GARBAGE = ["f4611686018427387904:", "fx", "a::", "p"];

/** Milliseconds between two volleys. */
const BREATH = 100;
/** One in this many volleys has garbage in it: all instances forget what they know at that, and check nothing meanwhile. */
const GARBAGE_EVERY = 20;

/** Sends forged notifications until `signal` aborts, over one connection after the other. */
export async function keepForging(world: World, { db, postgres }: Stage, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const stranger = await addStranger(db, postgres.url).catch(() => null);
    try {
      for (let volley = 1; stranger && !signal.aborted; volley += 1) {
        await forge(world, stranger);
        if (volley % GARBAGE_EVERY === 0) await stranger.notify("latchkey", pick(GARBAGE) ?? "");
        world.count("forgeries");
        await pause(BREATH);
      }
    } catch {
      // The database is away, or was.
    }
    await stranger?.stop().catch(() => {});
    await pause(100);
  }
}

async function forge(world: World, { overheard, notify }: Stranger): Promise<void> {
  overheard.splice(0, Math.max(0, overheard.length - MOST_OVERHEARD));
  const fences = overheard.filter(({ payload }) => payload.startsWith("f"));
  const any = pick(overheard);
  if (any) await notify(any.channel, any.payload);
  const fence = pick(fences)?.payload;
  if (fence) {
    const [asker = "", number = "", answerBy = "", signature = ""] = fence.slice(1).split(":");
    await notify("latchkey", `f${asker}:${Number(number) + 1_000}:${answerBy}:${signature}`);
    const other = fences.at(-1)?.payload.slice(1, 37) ?? "";
    const acknowledgement = `a${other}:${asker}:${Number(number) + 1_000}:${signature}`;
    await notify(`latchkey_${asker.replaceAll("-", "")}`, acknowledgement);
  }
  const held = [...(world.somebody()?.held ?? [])][0];
  const letter = pick([..."edcu"]);
  if (held) {
    const ids = letter === "u" ? held.userId : held.id + held.userId;
    await notify("latchkey", letter + ids.replaceAll("-", ""));
  }
}
