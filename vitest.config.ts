import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the counts of the run as JSON. */
const report = process.env.SLUICE_TEST_REPORT;

/** Rooms whose tests touch nothing but their arguments: they may share their modules, which are half of what such a test costs. */
const PURE = ['test/{protocol,topologies,vswitch,web}/**/*.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 120_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
