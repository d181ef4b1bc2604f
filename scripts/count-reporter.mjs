import { writeFileSync } from "node:fs";

/** Writes the test counts of a run into the file that `SALLYPORT_TEST_COUNTS` names. */
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    const seeds = { seeds: 0, plantedSeeds: 0 };
    const testMs = {};
    for (const module of modules) {
      const { name } = module.project;
      testMs[name] = (testMs[name] ?? 0) + module.diagnostic().duration;
      // If a file does not load, or a hook throws, tests that could not run may be missing from the counts.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        for (const kind of Object.keys(seeds)) seeds[kind] += test.meta()[kind] ?? 0;
        if (state === "passed") passed += 1;
        // If a test is still `pending` at the end, the run was aborted before the test ended.
        else if (state === "failed" || state === "pending") failed += 1;
      }
    }
    writeFileSync(process.env.SALLYPORT_TEST_COUNTS, JSON.stringify({ passed, failed, ...seeds, testMs }));
  }
}
