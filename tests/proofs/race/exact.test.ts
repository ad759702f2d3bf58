import { exactTests } from "./exact";

// The long version; the short one is tests/proofs/listener/exact.test.ts.
exactTests({ rounds: 200, endings: 1_000 });
