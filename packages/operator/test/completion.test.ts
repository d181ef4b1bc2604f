import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { completionScript } from "../src/commands/completion.ts";

const program = new Command("sallyport");
program.command("up").option("--web");
const account = program.command("account");
account.command("ban <name>").option("--until <until>");
account.command("show <name>").option("--json");

/** Returns what bash offers at the end of this command line. */
function offered(line: string): readonly string[] {
  const words = line.split(" ");
  const quoted = words.map((word) => `"${word}"`).join(" ");
  const script = `${completionScript("bash", program)}
    COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _sallyport; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

describe("bash offers", () => {
  test.each([
    ["sallyport ", ["up", "account", "--help"]],
    ["sallyport a", ["account"]],
    ["sallyport account ", ["ban", "show", "--help"]],
    ["sallyport account ban walker --u", ["--until"]],
    ["sallyport account show up --j", ["--json"]],
  ])("after `%s` the words that may follow", (line, words) => {
    expect(offered(line)).toEqual(words);
  });
});

test("zsh reads the script of bash, and fish has one of its own", () => {
  expect(completionScript("zsh", program)).toMatch(/^autoload .*bashcompinit\n_sallyport\(\) \{/);
  expect(completionScript("fish", program)).toContain(
    `case " account ban"\n            printf '%s\\n' --until --help`,
  );
});
