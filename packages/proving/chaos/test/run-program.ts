import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SallyportProcess } from "@sallyport/testkit";
import type { Verdict } from "../src/checks/judge.ts";

export interface Ran {
  readonly exitCode: number;
  readonly said: string;
  readonly verdict: Verdict;
}

/** Builds and runs a program of this package until it ends. `main` is below `dist`. */
export async function runProgram(name: string, main: string, args: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-${name}-test-`));
  try {
    const json = join(folder, "verdict.json");
    const program = new SallyportProcess({
      ...{ name, folder },
      program: [fileURLToPath(new URL(`../dist/${main}`, import.meta.url))],
      args: [...args, "--json", json],
      environment: process.env as Record<string, string>,
    });
    program.spawn();
    const exitCode = await program.untilEnded();
    if (!existsSync(json)) throw new Error(`no verdict, exit code ${exitCode}:\n${program.output}`);
    return { exitCode, said: program.output, verdict: JSON.parse(readFileSync(json, "utf8")) as Verdict };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
