import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { linesPerSecond } from "../packages/server-kit/src/telemetry/repeated-lines.ts";
import { packageFolders } from "./packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Matches a call of a log with its arguments, up to three brackets deep. */
const logCall =
  /\blog(?:\??\.(?<level>\w+)|\[[^\n]*?\])\((?<given>(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)/g;

/** Matches the message that `untilAvailable` logs. */
const waitingLine = /\bwaits = "([^"\n]+)"/g;

/** Matches a log line in a table, with its level and its message. */
const listedLine = /\["(?:info|warn|error)", "([^"\n]+)"\]/g;

/** Returns the messages of all log calls: the last text of a call, or both texts of a conditional. */
function messagesIn(source: string): string[] {
  const waiting = [...source.matchAll(waitingLine)].map(([, text = ""]) => text);
  const called = [...source.matchAll(logCall)].flatMap(({ groups }) => {
    if (groups?.["level"] === "debug") return [];
    const texts = [...(groups?.["given"] ?? "").matchAll(/"([^"\n]+)"|`([^`]+)`/g)].map(
      ([, plain, template]) => (plain ?? template ?? "").replaceAll(/\$\{[^}]*\}/g, "…"),
    );
    // A text without a space is a value or a reason. So a message of one word must be listed by hand.
    return texts.filter((text) => text.includes(" "));
  });
  const listed = [...source.matchAll(listedLine)].map(([, text = ""]) => text);
  return [...called, ...waiting, ...listed.filter((text) => text.includes(" "))];
}

function messagesOfServers(): ReadonlySet<string> {
  const packages = packageFolders.map((folder) => join(root, folder, "src"));
  const folders = packages.filter((folder) => existsSync(folder));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(join(folder, path), "utf8")),
  );
  const messages = new Set(sources.flatMap(messagesIn));
  // If the pattern found nothing, the test could never fail.
  expect(messages.size).toBeGreaterThan(35);
  expect(messages).toContain("map-server declined a character");
  expect(messages).toContain("linked again");
  return messages;
}

test("every line that a server writes above debug is explained to operators", () => {
  const page = readFileSync(join(root, "docs/operations.md"), "utf8");
  const messages = [...messagesOfServers()];
  expect(messages.filter((message) => !page.includes(message.slice(0, 30)))).toEqual([]);
});

test("every line that is counted when it repeats is written by a server", () => {
  const written = [...messagesOfServers()].map((message) => message.replace("…", "map-server"));
  const counted = [...linesPerSecond.keys()].map((message) =>
    message.replace("char-server was", "map-server was"),
  );
  expect(counted.filter((message) => !written.includes(message))).toEqual([]);
});
