import { afterEach, beforeEach, expect, vi } from "vitest";

let expected = false;

/** Says that this test makes the code complain. */
export function expectComplaints(): void {
  expected = true;
}

/** Whatever is written to the error output without being expected fails the test. */
export function failOnComplaints(): void {
  beforeEach(() => {
    expected = false;
    vi.spyOn(console, "error");
  });

  afterEach(() => {
    const complaints = vi.mocked(console.error).mock.calls;
    vi.mocked(console.error).mockRestore();
    if (!expected) expect(complaints, "console.error").toEqual([]);
  });
}
