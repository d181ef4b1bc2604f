import { writeFileSync } from "node:fs";

/** Writes what a run came to into the file that `SALLYPORT_TEST_COUNTS` names. */
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      // A file that does not load, and a hook that throws, fail tests that may never have been counted.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        // `pending` at the end: something broke the run off before the test had ended.
        else if (state === "failed" || state === "pending") failed += 1;
      }
    }
    writeFileSync(process.env.SALLYPORT_TEST_COUNTS, JSON.stringify({ passed, failed }));
  }
}
