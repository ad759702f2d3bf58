import { setTimeout as pause } from "node:timers/promises";
import { addStranger, type Stranger } from "../support/stranger";
import type { Stage } from "./faults";
import type { World } from "./world";

// What a role that may only connect sends all the time: news of live sessions that would be over, fences and
// acknowledgements that are made up, those that it has overheard, and garbage.

const MOST_OVERHEARD = 200;

/** Sends forged notifications until `signal` aborts, over one connection after the other. */
export async function keepForging(world: World, { db, postgres }: Stage, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const stranger = await addStranger(db, postgres.url).catch(() => null);
    try {
      while (stranger && !signal.aborted) {
        await forge(world, stranger);
        world.count("forgeries");
        await pause(10);
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
  const any = overheard[Math.floor(Math.random() * overheard.length)];
  if (any) await notify(any.channel, any.payload);
  const fence = fences[Math.floor(Math.random() * fences.length)]?.payload;
  if (fence) {
    const [asker = "", number = "", answerBy = "", signature = ""] = fence.slice(1).split(":");
    await notify("latchkey", `f${asker}:${Number(number) + 1_000}:${answerBy}:${signature}`);
    const other = fences.at(-1)?.payload.slice(1, 37) ?? "";
    const acknowledgement = `a${other}:${asker}:${Number(number) + 1_000}:${signature}`;
    await notify(`latchkey_${asker.replaceAll("-", "")}`, acknowledgement);
  }
  const held = [...(world.somebody()?.held ?? [])][0];
  const letter = "edcu"[Math.floor(Math.random() * 4)] ?? "e";
  if (held) {
    const ids = letter === "u" ? held.userId : held.id + held.userId;
    await notify("latchkey", letter + ids.replaceAll("-", ""));
  }
  await notify("latchkey", ["f4611686018427387904:", "fx", "a::", "p"][Math.floor(Math.random() * 4)] ?? "");
}
