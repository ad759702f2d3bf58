import { describe, expect, test } from "vitest";
import { endedCount, isKnownEnded, noteDoubt, noteEnded } from "@/lib/revocation/ended";

/** A look at a row that is over when it is told to be. */
function look() {
  let end: () => void = () => {};
  const settled = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { settled, end };
}

describe("what is known to have ended", () => {
  test("is what a row said, and nothing else", async () => {
    noteEnded("a");
    expect(await isKnownEnded("a")).toBe(true);
    expect(await isKnownEnded("b")).toBe(false);
  });

  test("in doubt, waits for the row, and is refused only if that has ended", async () => {
    const [over, live] = [look(), look()];
    noteDoubt("over", over.settled);
    noteDoubt("live", live.settled);
    const asked = Promise.all([isKnownEnded("over"), isKnownEnded("live")]);
    noteEnded("over");
    over.end();
    live.end();
    expect(await asked).toEqual([true, false]);
  });

  test("in doubt twice, waits for the look that began last", async () => {
    const [first, second] = [look(), look()];
    noteDoubt("c", first.settled);
    noteDoubt("c", second.settled);
    first.end();
    await first.settled;
    const asked = isKnownEnded("c");
    noteEnded("c");
    second.end();
    expect(await asked).toBe(true);
  });

  test("is bounded", () => {
    for (let count = 0; count < 200_000; count += 1) noteEnded(String(count));
    expect(endedCount()).toBe(100_000);
  });
});
