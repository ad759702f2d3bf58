import { BaseSequencer, type TestSpecification } from "vitest/node";

// What takes longest begins first, so that no worker is left with it at the end. A fresh clone has no record of how long
// files took, and their size says nothing about how long they wait.

const LONGEST = [
  "http/front-door",
  "integration/feed-cut",
  "integration/feed-race",
  "http/log-in",
  "http/lifecycle",
  "integration/feed-proof",
  "integration/feed-processes",
  "http/untrusted-headers",
  "integration/feed-exact",
  "http/fuzz",
  "http/database-away",
  "integration/feed-rotation",
  "integration/sweep",
  "http/listening",
  "integration/feed-database",
  "http/pages-unavailable",
  "integration/guessing",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.includes(`/${name}.`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
