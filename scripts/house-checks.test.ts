import { expect, test } from "vitest";
import { runChecks } from "./house-checks.mjs";

test("all checks run, and a failed one shows its whole output and how to fix it", async () => {
  const said: string[] = [];
  const program = (text: string, status: number): string[] => [
    "-e",
    `console.error("${text}"); process.exitCode = ${status};`,
  ];
  const ran = await runChecks(
    [
      { name: "first", run: program("not as it should be", 3), fix: "mend it" },
      { name: "second", run: program("nobody asks", 0), fix: "leave it" },
      { name: "third", run: ["no-such-program.mjs"] },
    ],
    (text) => said.push(text.replace(/[\d.]+ s/, "1 s")),
  );
  expect(ran).toEqual({ passed: ["second"], failed: ["first", "third"] });
  expect(said.slice(0, 3)).toEqual([
    "FAILED   1 s  first",
    "\nnot as it should be\n\nTo fix it: mend it\n",
    "ok       1 s  second",
  ]);
  expect(said.slice(3)).toEqual(["FAILED   1 s  third", expect.stringContaining("no-such-program.mjs")]);
});
