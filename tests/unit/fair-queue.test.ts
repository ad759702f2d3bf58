import { describe, expect, test } from "vitest";
import { FairQueue, QueueFull } from "@/lib/fair-queue";

type Class = "known" | "strangers";

/** A queue whose work ends when it is told to, and tells in which order it began. */
function watched(limits: { atOnce: number; perLine: number; perClass: number }) {
  const queue = new FairQueue<Class>(limits);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const turnedAway: string[] = [];
  const ask = (name: string, of: Class = "strangers", ...lines: string[]) =>
    queue
      .run([of, ...(lines.length > 0 ? lines : [name.replace(/\d+$/, "")])], () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      })
      .catch((error) => {
        if (!(error instanceof QueueFull)) throw error;
        turnedAway.push(name);
      });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  /** Ends what runs, one piece of work after the other, until nothing is left. */
  const finish = async () => {
    await settled();
    for (let end = ends.shift(); end; end = ends.shift()) {
      end();
      await settled();
    }
    return begun;
  };
  return { queue, ask, finish, begun, turnedAway, settled };
}

const WIDE = { atOnce: 1, perLine: 100, perClass: 1_000 };

describe("a line that takes turns", () => {
  test("runs a limited number at once, and the others in the order of their queues", async () => {
    const { ask, finish, begun, settled } = watched({ ...WIDE, atOnce: 2 });
    for (const name of ["a1", "a2", "a3", "a4"]) void ask(name);
    await settled();
    expect(begun).toEqual(["a1", "a2"]);
    expect(await finish()).toEqual(["a1", "a2", "a3", "a4"]);
  });

  test("makes a newcomer wait for one turn of each line, however long the others are", async () => {
    const { ask, finish } = watched(WIDE);
    for (let n = 1; n <= 50; n += 1) void ask(`a${n}`);
    for (let n = 1; n <= 20; n += 1) void ask(`b${n}`);
    void ask("c1");
    const order = await finish();
    expect(order).toHaveLength(71);
    expect(order.indexOf("c1")).toBeLessThanOrEqual(3);
  });

  test("serves its classes in turn, so that a thousand strangers take every other turn at most", async () => {
    const { ask, finish } = watched(WIDE);
    for (let n = 1; n <= 30; n += 1) void ask("stranger", "strangers", `network ${n}`);
    for (let n = 1; n <= 3; n += 1) void ask(`home${n}`, "known");
    const order = await finish();
    expect(order.indexOf("home3")).toBeLessThanOrEqual(6);
    expect(order).toHaveLength(33);
  });

  test("serves the lines within a line in turn, too: three hundred users of a network take the turn of one", async () => {
    const { ask, finish } = watched(WIDE);
    for (let n = 1; n <= 300; n += 1) void ask("many", "known", "their network", `user ${n}`);
    void ask("home", "known", "another network", "owner");
    void ask("neighbour", "known", "their network", "user 1");
    void ask("home again", "known", "another network", "owner");
    const order = await finish();
    expect(order).toHaveLength(303);
    expect(order.indexOf("home")).toBeLessThanOrEqual(2);
    expect(order.indexOf("home again")).toBeLessThanOrEqual(4);
    expect(order.at(-1)).toBe("neighbour");
  });

  test("takes the room for a newcomer from the network that holds most, however short the lines of its users are", async () => {
    const { ask, turnedAway, finish, queue } = watched({ ...WIDE, perClass: 4 });
    for (let n = 1; n <= 5; n += 1) void ask(`many${n}`, "known", "their network", `user ${n}`);
    void ask("home", "known", "another network", "owner");
    // Among their own, everybody's line would be as long as the newcomer's.
    void ask("many6", "known", "their network", "user 6");
    void ask("many2 again", "known", "their network", "user 2");
    const order = await finish();
    expect(turnedAway).toHaveLength(3);
    expect(turnedAway).toEqual(expect.arrayContaining(["many6", "many2 again"]));
    expect(order).toContain("home");
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  test("turns away those who stand too far back in their own line", async () => {
    const { ask, turnedAway, finish } = watched({ ...WIDE, perLine: 2 });
    for (let n = 1; n <= 5; n += 1) void ask(`a${n}`);
    void ask("b1");
    await finish();
    expect(turnedAway).toEqual(["a4", "a5"]);
  });

  test("makes room for a shorter line at the cost of the longest when it is full", async () => {
    const { ask, turnedAway, finish, begun } = watched({ ...WIDE, perClass: 4 });
    for (let n = 1; n <= 5; n += 1) void ask(`a${n}`);
    void ask("b1");
    void ask("c1");
    // Now no line is longer than theirs would be.
    void ask("b2");
    await finish();
    expect(turnedAway).toEqual(["a5", "a4", "b2"]);
    expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3"]);
  });

  test("lets no class take the room of another one", async () => {
    const { ask, turnedAway, finish } = watched({ ...WIDE, perClass: 2 });
    for (let n = 1; n <= 6; n += 1) void ask("stranger", "strangers", `network ${n}`);
    void ask("home1", "known");
    const order = await finish();
    expect(order).toContain("home1");
    expect(turnedAway.every((name) => name === "stranger")).toBe(true);
  });

  test("goes on after work that fails, and hands its error on", async () => {
    const queue = new FairQueue<"all">({ atOnce: 1, perLine: 10, perClass: 10 });
    const place = ["all", "a"] as const;
    const failing = queue.run(place, async () => {
      throw new Error("broken");
    });
    const next = queue.run(place, async () => "done");
    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe("done");
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });

  test("keeps no line that is empty, and tells how many run and wait", async () => {
    const { ask, queue, finish, settled } = watched(WIDE);
    for (let n = 1; n <= 100; n += 1) void ask("x", "strangers", `network ${n}`);
    await settled();
    expect(queue.load).toEqual({ running: 1, waiting: 99 });
    await finish();
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });
});
