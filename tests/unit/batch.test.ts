import { expect, test } from "vitest";
import { inRounds } from "@/lib/batch";

/** Rounds that are over when they are told to be. */
function slowRounds() {
  const begun: string[][] = [];
  const ends: (() => void)[] = [];
  const add = inRounds(
    (items: string[]) =>
      new Promise<void>((resolve) => {
        begun.push(items);
        ends.push(resolve);
      }),
  );
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { begun, ends, add, turn };
}

test("what is added in one turn shares a round", async () => {
  const { begun, ends, add, turn } = slowRounds();
  const both = Promise.all([add(["a", "b"]), add(["b", "c"])]);
  await turn();
  expect(begun).toEqual([["a", "b", "c"]]);
  ends[0]?.();
  await both;
});

test("what is added while a round is under way has a round of its own after it, even the same item", async () => {
  const { begun, ends, add, turn } = slowRounds();
  const first = add(["a"]);
  await turn();
  let isOver = false;
  const second = add(["a"]).then(() => {
    isOver = true;
  });
  add(["b"]);
  await turn();
  expect(begun).toEqual([["a"]]);
  ends[0]?.();
  await first;
  await turn();
  expect(begun).toEqual([["a"], ["a", "b"]]);
  expect(isOver).toBe(false);
  ends[1]?.();
  await second;
});
