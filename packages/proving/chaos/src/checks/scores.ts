import type { ScoreAsked } from "../history/fact.ts";
import type { Checker, Violation } from "./check.ts";

/* Compares the entries of the board with the scores that map-servers asked for on their links. */

const violation = (check: string, { charId, atMs }: ScoreAsked, what: string): Violation => ({
  ...{ check, what, about: { charId } },
  ...{ fromMs: atMs, toMs: atMs },
});

export const acknowledgedScoresAreEntries: Checker = (history) => {
  const name = "a score that was acknowledged is an entry at the end, once";
  const acknowledged = new Map(
    history
      .of("score-answered")
      .flatMap(({ refusal, asked }) => (refusal === null ? [[asked.key, asked]] : [])),
  );
  const violations = [...acknowledged.values()].flatMap((asked) => {
    const entries = history.entries.filter(({ key }) => key === asked.key);
    const [entry] = entries;
    if (entries.length === 1 && entry?.score === Number(asked.score)) return [];
    const what = `score ${asked.score} under fence ${asked.fence} is ${entries.length} entries`;
    return [violation(name, asked, what)];
  });
  return { name, saw: acknowledged.size, violations };
};

export const onlyOwnersScore: Checker = (history) => {
  const name = "an entry is a score that was asked under the fence that the character had, by its map-server";
  const asked = new Map(history.of("score-asked").map((each) => [each.key, each]));
  const stored = new Map(history.scores.map((each) => [each.key, each]));
  const endMs = history.facts[history.facts.length - 1]?.atMs ?? 0;
  const violations = history.entries.flatMap(({ key, score }): Violation[] => {
    const [wanted, found] = [asked.get(key ?? ""), stored.get(key ?? "")];
    if (wanted === undefined || found === undefined)
      return [
        {
          ...{ check: name, what: `nobody asked for the entry ${score}` },
          about: {},
          fromMs: endMs,
          toMs: endMs,
        },
      ];
    const isIts =
      wanted.charId === found.charId && wanted.fence === found.fence && wanted.mapServer === found.mapServer;
    if (isIts && Number(wanted.score) === score) return [];
    const what = `${wanted.mapServer} asked for ${wanted.score} under fence ${wanted.fence}; the entry is ${score}, stored while ${found.mapServer} had fence ${found.fence}`;
    return [violation(name, wanted, what)];
  });
  return { name, saw: history.entries.length, violations };
};
