import { expect, test } from "vitest";
import { commandSettings } from "../packages/cli/src/commands/command-settings.ts";
import { type Setting, type SettingTopic, settingTopics } from "../packages/server-kit/src/index.ts";
import { generatedPages } from "./generated-pages.ts";

/** `npm run docs` runs this test with `--update`. Then it writes the pages instead of comparing them. */
test.each([...generatedPages])("%s is what the code generates now", async (path, content) => {
  await expect(content).toMatchFileSnapshot(`../${path}`);
});

test("each setting has one topic and one description in all commands, and no topic is empty", () => {
  const described = new Map<string, Set<string>>();
  const topics = new Set<SettingTopic | undefined>();
  for (const group of Object.values(commandSettings).flat()) {
    for (const { variable, topic, doc } of Object.values<Setting<unknown>>(group)) {
      topics.add(topic);
      described.set(variable, (described.get(variable) ?? new Set()).add(`${topic}: ${doc}`));
    }
  }
  expect([...described].filter(([, each]) => each.size > 1)).toEqual([]);
  expect(topics).toEqual(new Set(Object.keys(settingTopics)));
});

test("a setting is described in sentences, and its number has a unit and bounds", () => {
  const units =
    /^(Milliseconds|Seconds|Days|Maximum number of|Longest|Bytes|Commands|Wrong passwords|Distance in cells|Port) /;
  for (const group of Object.values(commandSettings).flat()) {
    for (const { variable, doc, fallback, allowed } of Object.values<Setting<unknown>>(group)) {
      expect(doc, variable).toMatch(/^[A-Z].*\.$/);
      if (allowed === undefined || !/^\d+$/.test(fallback ?? "")) continue;
      expect(allowed, variable).toMatch(/^\d+ to \d+$|six digits/);
      if (!variable.startsWith("RAGNAROK_")) expect(doc, variable).toMatch(units);
    }
  }
});
