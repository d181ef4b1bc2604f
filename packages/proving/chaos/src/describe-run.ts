import type { Violation } from "./checks/check.ts";
import type { Verdict } from "./checks/judge.ts";
import type { AuditRow, Fact, State } from "./history/fact.ts";
import type { History } from "./history/history.ts";

const aroundMs = 8_000;
const linesMax = 120;
const shownMax = 5;
const refusedMax = 12;

/** Returns the verdict as text, with the events around each violation. */
export function describeRun(
  history: History,
  { checks, violations, marks, answers, memoryMiB, homeMsMax }: Verdict,
): string[] {
  const refused = Object.entries(answers).filter(([what]) => !what.endsWith(": ok"));
  return [
    "",
    ...Object.entries(marks).map(([what, count]) => `${String(count).padStart(8)}  ${what}`),
    ...refused.slice(0, refusedMax).map(([what, count]) => `${String(count).padStart(8)}  times ${what}`),
    ...(homeMsMax === null
      ? []
      : [
          `${(homeMsMax / 1_000).toFixed(1).padStart(8)}  s after the last fault the last one was in the world`,
        ]),
    ...Object.entries(memoryMiB).map(([name, size]) => `${String(size).padStart(8)}  MiB at most: ${name}`),
    "",
    ...checks.map(({ name, saw, violations: found }) => {
      const verdict =
        found.length > 0 ? `FAILED ${found.length} times` : saw === 0 ? "SAW NOTHING" : `held, ${saw} times`;
      return `${name}: ${verdict}`;
    }),
    ...violations.slice(0, shownMax).flatMap((violation) => ["", ...describeViolation(history, violation)]),
    ...(violations.length > shownMax ? ["", `and ${violations.length - shownMax} more`] : []),
  ];
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

function describeViolation(history: History, { check, what, about, fromMs, toMs }: Violation): string[] {
  const charId =
    about.charId ??
    history.of("call").find((call) => call.account === about.account && call.charId !== null)?.charId ??
    null;
  const account =
    about.account ??
    history.of("call").find((call) => call.charId === charId && charId !== null)?.account ??
    null;
  const isNear = ({ atMs }: { readonly atMs: number }): boolean =>
    atMs >= fromMs - aroundMs && atMs <= toMs + aroundMs / 4;
  const lines: Line[] = [
    ...history.facts
      .filter((fact) => isNear(fact) && isAbout(fact, charId, account))
      .map((fact) => ({ atMs: fact.atMs, text: describeFact(fact) })),
    ...history.audit
      .filter((row) => isNear(row) && row.charId === charId)
      .map((row) => ({ atMs: row.atMs, text: describeRow(row) })),
  ].sort((a, b) => a.atMs - b.atMs);
  const start = history.facts[0]?.atMs ?? 0;
  return [
    `VIOLATION: ${check}`,
    `  ${about.account ?? ""}${charId === null ? "" : ` character ${charId}`}: ${what}`,
    ...lines
      .slice(-linesMax)
      .map(({ atMs, text }) => `  ${((atMs - start) / 1_000).toFixed(3).padStart(9)}  ${text}`),
  ];
}

function isAbout(fact: Fact, charId: number | null, account: string | null): boolean {
  switch (fact.type) {
    case "fault":
    case "reclaimed":
      return true;
    case "log":
      return charId !== null && fact.fields["charId"] === charId;
    case "save-asked":
    case "score-asked":
    case "entered":
      return fact.charId === charId;
    case "save-answered":
    case "score-answered":
      return fact.asked.charId === charId;
    case "call":
    case "stood":
    case "order":
    case "password":
    case "put-out":
    case "named":
    case "board-token":
    case "board-write":
      return fact.account === account;
  }
}

const describeState = ({ steps, map, x, y }: State): string => `${steps} steps, ${map} ${x},${y}`;

const describeRow = ({ fenceBefore, fence, before, state }: AuditRow): string =>
  `postgres  fence ${fenceBefore}${fence === fenceBefore ? "" : ` -> ${fence}`}: ${describeState(before)} -> ${describeState(state)}`;

function describeFact(fact: Fact): string {
  switch (fact.type) {
    case "fault":
      return `*** ${fact.what} ${fact.change}`;
    case "reclaimed":
      return `${fact.mapServer}  reclaimed ${fact.characters - fact.lost} of ${fact.characters}`;
    case "log":
      return `${fact.server}  log: ${fact.message} ${JSON.stringify(fact.fields)}`;
    case "save-asked":
      return `${fact.mapServer}  asks ${fact.kind} under fence ${fact.fence}: ${describeState(fact.state)}`;
    case "save-answered":
      return `${fact.asked.mapServer}  is answered ${fact.refusal ?? "ok"}: ${fact.asked.kind} of ${describeState(fact.asked.state)}`;
    case "score-asked":
      return `${fact.mapServer}  asks score ${fact.score} under fence ${fact.fence}`;
    case "score-answered":
      return `${fact.asked.mapServer}  is answered ${fact.refusal ?? "ok"}: score ${fact.asked.score}`;
    case "entered":
      return `${fact.mapServer}  may let it play under fence ${fact.fence}`;
    case "call":
      return `client    ${fact.protocol}, by ${fact.way}: ${fact.call} ${fact.password ?? fact.detail} -> ${fact.answer}, after ${Math.round(fact.atMs - fact.askedMs)} ms`;
    case "stood":
      return `client    ${fact.when} ${fact.place}`;
    case "order":
      return `operator  ${fact.what} ${fact.detail} ${fact.change}`;
    case "password":
      return `${fact.by.padEnd(8)}  password "${fact.password}" ${fact.change}`;
    case "put-out":
      return `client    is put out: ${fact.reason}`;
    case "named":
      return `client    sees the name ${fact.name}`;
    case "board-token":
      return `author    has token ${fact.token}`;
    case "board-write":
      return `author    writes with token ${fact.token ?? "forged"}, over ${fact.way}: ${fact.rows.join(", ")} -> ${fact.answer}`;
  }
}
