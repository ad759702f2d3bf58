import { exactTests } from "../race/exact";

// The short version; the long one is tests/proofs/race/exact.test.ts.
exactTests({ rounds: 5, endings: 30 });
