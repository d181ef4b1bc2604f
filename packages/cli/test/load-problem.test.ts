import { describe, expect, test } from "vitest";
import { describeLoadProblem, lineOfImport, missingImport, withOwnFrames } from "../src/game/load-problem.ts";

const withStack = (error: Error, stack: string): Error => Object.assign(error, { stack });

describe("the problem of a module that does not load", () => {
  test("has the stack of its own files, and nothing of ours", () => {
    const stack = [
      "GameError: name is 1",
      "    at fail (/ours/demand.ts:7:9)",
      "    at node:internal/x:1:1",
      "    at actors (file:///g/actors.ts:2:4)",
      "    at async Promise.all (index 0)",
      "    at <anonymous> (/g/game.ts:3:16)",
      "    at /ours/main.js:1:1",
    ].join("\n");
    expect(describeLoadProblem(withStack(new Error(), stack), new Set(["/g/game.ts", "/g/actors.ts"]))).toBe(
      "GameError: name is 1\n    at actors (file:///g/actors.ts:2:4)\n    at <anonymous> (/g/game.ts:3:16)",
    );
  });

  test("is a copy of an error with the stack of its own files, for the log, also of its cause", () => {
    const cause = withStack(
      new RangeError("-1"),
      "RangeError: -1\n    at take (/g/bag.ts:9:9)\n    at /x.js:1:1",
    );
    const stack = "TypeError: no gold\n    at taken (/g/game.ts:7:3)\n    at runHandler (/ours/run.js:1:2)";
    const error = withStack(new TypeError("no gold", { cause }), stack);
    expect(withOwnFrames(error, new Set(["/g/game.ts", "/g/bag.ts"]))).toMatchObject({
      ...{
        name: "TypeError",
        message: "no gold",
        stack: "TypeError: no gold\n    at taken (/g/game.ts:7:3)",
      },
      cause: { name: "RangeError", stack: "RangeError: -1\n    at take (/g/bag.ts:9:9)" },
    });
    expect(withOwnFrames(new Error("set: gold"), new Set())).toMatchObject({ stack: "Error: set: gold" });
    expect(withOwnFrames("tired", new Set())).toBe("tired");
  });

  test.each([
    ["", ""],
    ["also if the error has its lines twice", '\n/g/a.ts:3:9: ERROR: Expected ","\n/g/a.ts:5:1: ERROR: No'],
  ])("has the place of each syntax error once, %s", (_, again) => {
    const message = `Transform failed with 2 errors:\n/g/a.ts:3:9: ERROR: Expected ","\n/g/a.ts:5:1: ERROR: No${again}`;
    const error = Object.assign(new Error(message), { name: "TransformError" });
    expect(describeLoadProblem(error, new Set())).toBe('/g/a.ts:3:9: Expected ","\n/g/a.ts:5:1: No');
  });

  test("has the line that Node shows for a missing export", () => {
    const stack =
      "/g/game.ts:2\nimport { a } from './b.ts';\n         ^\n\nSyntaxError: no a\n    at x (node:x:1:1)";
    expect(describeLoadProblem(withStack(new SyntaxError(), stack), new Set())).toBe(
      "/g/game.ts:2\nimport { a } from './b.ts';\n         ^\n\nSyntaxError: no a",
    );
  });

  test("can be anything that is thrown", () => {
    expect(describeLoadProblem("tired", new Set())).toBe("the module threw tired");
    expect(describeLoadProblem(undefined, new Set())).toBe("the module threw undefined");
  });
});

test("an import that fails is found in its file", () => {
  const message = "Cannot find module '/g/deep/none.ts' imported from /g/game.ts";
  const error = Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });
  expect(missingImport(error)).toEqual({ wanted: "/g/deep/none.ts", importer: "/g/game.ts" });
  expect(missingImport(new Error(message))).toBe(null);
  expect(lineOfImport('// none.ts\nimport "./deep/none.ts";', "/g/deep/none.ts")).toBe(2);
  expect(lineOfImport('\n\nimport x from "./deep/none";', "/g/deep/none.js")).toBe(3);
  expect(lineOfImport("import { z } from 'zed';", "zed")).toBe(1);
  expect(lineOfImport("", "zed")).toBe(null);
});
