import type { Checker } from "./checker.ts";

/** No server says of itself that it has a bug. */
export const noBugs: Checker = {
  name: "no-bugs",
  rules: {
    bug: ({ life, error }) =>
      `${life}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  },
};
