import type { Checker } from "./checker.ts";

export const noBugs: Checker = {
  name: "no-bugs",
  rules: {
    bug: ({ life, error }) =>
      `${life}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  },
};
