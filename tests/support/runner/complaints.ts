import { afterEach, beforeEach, expect, type MockInstance, vi } from "vitest";

let expected = false;

/** Says that this test makes the code complain. */
export function expectComplaints(): void {
  expected = true;
}

/** Unexpected output on stderr fails the test. */
export function failOnComplaints(): void {
  let spy: MockInstance<typeof console.error>;

  beforeEach(() => {
    expected = false;
    spy = vi.spyOn(console, "error");
  });

  afterEach(() => {
    const { calls } = spy.mock;
    if (!expected) expect(calls, "console.error").toEqual([]);
    spy.mockRestore();
  });
}
