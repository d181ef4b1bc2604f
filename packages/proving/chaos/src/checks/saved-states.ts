import type { AuditRow, SaveAnswered, SaveAsked, State } from "../history/fact.ts";
import type { Check, Checker, Violation } from "./check.ts";

/*
 * Compares the changes that Postgres recorded for each character with the saves that map-servers requested on
 * their links, and with the answers to these requests.
 */

const isSameState = (a: State, b: State): boolean =>
  a.steps === b.steps && a.map === b.map && a.x === b.x && a.y === b.y;

const describe = ({ steps, map, x, y }: State): string => `${steps} steps, at ${map} ${x},${y}`;

const isChanged = ({ before, state }: AuditRow): boolean => !isSameState(before, state);

/**
 * Whether the row stores the last save of an owner. Postgres stores this save together with the next fence,
 * so the row already has the save number of the next owner.
 */
const isPassed = ({ fenceBefore, fence }: AuditRow): boolean => fence > fenceBefore;

/**
 * Tolerance in milliseconds. Processes on one machine read the clock at different moments, and Postgres takes
 * the time of a row before it commits the row.
 */
const slackMs = 50;

const violation = (check: string, row: AuditRow, what: string): Violation => ({
  check,
  what,
  about: { charId: row.charId },
  fromMs: row.atMs,
  toMs: row.atMs,
});

function byCharacter<T extends { readonly charId: number }>(all: readonly T[]): ReadonlyMap<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const each of all) {
    const group = groups.get(each.charId);
    if (group === undefined) groups.set(each.charId, [each]);
    else group.push(each);
  }
  return groups;
}

export const countersNeverGoBack: Checker = ({ audit }) => {
  const name = "no saved counter goes back";
  const violations = audit
    .filter(({ before, state }) => state.steps < before.steps)
    .map((row) =>
      violation(
        name,
        row,
        `had ${row.before.steps} steps in Postgres, then ${row.state.steps} under fence ${row.fence}`,
      ),
    );
  return { name, saw: audit.filter(({ before, state }) => state.steps > before.steps).length, violations };
};

export const fencesRiseByOne: Checker = ({ audit }) => {
  const name = "a fence stays, or rises by one";
  const violations = audit
    .filter(({ fenceBefore, fence }) => fence !== fenceBefore && fence !== fenceBefore + 1)
    .map((row) => violation(name, row, `went from fence ${row.fenceBefore} to ${row.fence}`));
  return { name, saw: audit.filter(({ fenceBefore, fence }) => fence > fenceBefore).length, violations };
};

/**
 * A save is stale if its sender does not have the fence of the character, or if a newer save is already
 * stored.
 */
export const onlyOwnersSave: Checker = (history) => {
  const name = "what is saved was asked under the fence that the character had";
  const asked = byCharacter(history.of("save-asked"));
  const saves = history.audit.filter(isChanged);
  const violations = saves.flatMap((row) => {
    const isIts = ({ fence, saveNumber, state, atMs }: SaveAsked): boolean =>
      fence === row.fenceBefore &&
      (isPassed(row) || saveNumber === row.saveNumber) &&
      saveNumber > row.saveNumberBefore &&
      isSameState(state, row.state) &&
      atMs <= row.atMs + slackMs;
    if (asked.get(row.charId)?.some(isIts)) return [];
    const what = `${describe(row.state)} under fence ${row.fenceBefore}, after its save ${row.saveNumberBefore}`;
    return [violation(name, row, `saved with ${what}; nobody who had it asked for that`)];
  });
  return { name, saw: saves.length, violations };
};

/**
 * Whether the row stores this save, or a later save of the same owner. If several saves wait, the char-server
 * writes only the newest one.
 */
function answersFor(row: AuditRow, { kind, fence, saveNumber, state }: SaveAsked): boolean {
  if (row.fenceBefore !== fence) return false;
  if (isPassed(row)) return kind === "hop" && isSameState(row.state, state);
  if (row.saveNumber === saveNumber) return isSameState(row.state, state);
  return row.saveNumber > saveNumber && row.state.steps >= state.steps;
}

export const acknowledgedSavesAreThere: Checker = (history) => {
  const name = "a save that was acknowledged was stored before, or a newer one of its owner";
  const rows = byCharacter(history.audit);
  const acknowledged = history.of("save-answered").filter(({ refusal }) => refusal === null);
  const violations = acknowledged.flatMap(({ asked, atMs }: SaveAnswered): Violation[] => {
    const isIts = (row: AuditRow): boolean => row.atMs <= atMs + slackMs && answersFor(row, asked);
    if (rows.get(asked.charId)?.some(isIts)) return [];
    const saved = `save ${asked.saveNumber} with ${describe(asked.state)} under fence ${asked.fence}`;
    const what = `${asked.mapServer} was told that ${saved} is stored, and neither it nor a newer one is`;
    return [{ check: name, what, about: { charId: asked.charId }, fromMs: asked.atMs, toMs: atMs }];
  });
  return { name, saw: acknowledged.length, violations };
};

interface Owned {
  readonly charId: number;
  readonly fence: number;
  readonly mapServer: string;
  readonly atMs: number;
}

/** Two servers with the same fence could both save. */
export const oneOwnerAFence: Checker = (history) => {
  const name = "no two map-servers have a character under one fence";
  const confirmed = history.of("save-answered").filter(({ refusal }) => refusal === null);
  const owned: Owned[] = [...history.of("entered"), ...confirmed.map(({ asked }) => asked)];
  const first = new Map<string, Owned>();
  const violations = owned.flatMap((own): Violation[] => {
    const key = `${own.charId} ${own.fence}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, own);
    if (other === undefined || other.mapServer === own.mapServer) return [];
    const what = `${other.mapServer} and ${own.mapServer} both have it under fence ${own.fence}`;
    return [
      {
        check: name,
        what,
        about: { charId: own.charId },
        fromMs: Math.min(own.atMs, other.atMs),
        toMs: Math.max(own.atMs, other.atMs),
      },
    ];
  });
  return { name, saw: owned.length, violations } satisfies Check;
};
