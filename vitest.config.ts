import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the counts of the run as JSON. */
const report = process.env.SLUICE_TEST_REPORT;

export default defineConfig({
  test: {
    maxWorkers: 2,
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
