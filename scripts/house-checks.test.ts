import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
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

test("a check of the build begins after the build, and others do not wait for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-checks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [beside, built] = ["beside", "built"].map((name) => JSON.stringify(join(folder, name)));
  const program = (code: string): string[] => ["-e", `const fs = require("node:fs"); ${code}`];
  const wait = `const end = setTimeout(() => process.exit(1), 30_000);
    const look = () => fs.existsSync(${beside}) ? (clearTimeout(end), fs.writeFileSync(${built}, "")) : setTimeout(look, 5);
    look();`;
  const ran = await runChecks(
    [
      { name: "build", run: program(wait) },
      { name: "beside it", run: program(`fs.writeFileSync(${beside}, "")`) },
      {
        name: "after it",
        run: program(`process.exitCode = fs.existsSync(${built}) ? 0 : 1`),
        isOfBuild: true,
      },
    ],
    () => {},
  );
  expect(ran.failed).toEqual([]);
});
