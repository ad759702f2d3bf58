import { BaseSequencer, type TestSpecification } from "vitest/node";

// The longest files start first, so that no worker is left with one at the end. A fresh clone has no record of how long
// files took, and their size says nothing about how long they wait.

const LONGEST = [
  "http/front-door",
  "listener/cut",
  "listener/short-race",
  "http/log-in",
  "http/lifecycle",
  "listener/proof",
  "listener/processes",
  "http/untrusted-headers",
  "listener/exact",
  "http/fuzz",
  "http/database-away",
  "listener/rotation",
  "integration/sweep",
  "http/listening",
  "listener/database",
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
