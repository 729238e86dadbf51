// `@audit/core/testing`: what tests of applications and adapters need.
export { assertIntact, assertRecorded, findEntry, type PartialEntry } from './expectations.ts';
export { type FixedClock, fixedClock } from './fixed-clock.ts';
export { createTestLog, type TestLog, type TestLogOptions } from './test-log.ts';
export { TEST_SECRET, testSigner } from './test-signer.ts';
