import type { Checker } from "./checker.ts";

/** No server reports a bug in itself. */
export const noBugs: Checker = {
  name: "no-bugs",
  rules: {
    bug: ({ life, error }) =>
      `${life}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  },
};
