import { isOneOf, type Part } from "../cluster/part.ts";
import { type BoardToken, type BoardWrite, inDoubt } from "../history/fact.ts";
import type { History } from "../history/history.ts";
import { lateMs } from "../timing.ts";
import type { Checker, Violation } from "./check.ts";
import { givenOrders } from "./given-orders.ts";
import { coveredMs, type Span, spansOf } from "./spans.ts";

/* Compares what Postgres has of the authors' leaderboard with what they were told, and their tokens with orders. */

const violation = (check: string, { account, askedMs, atMs }: BoardWrite, what: string): Violation => ({
  ...{ check, what, about: { account } },
  ...{ fromMs: askedMs, toMs: atMs },
});

function countsOf(rows: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

const said = (rows: readonly string[], counts: ReadonlyMap<string, number>): string =>
  rows.map((row) => `"${row}" is there ${counts.get(row) ?? 0} times`).join(", ");

export const acknowledgedWritesAreThere: Checker = (history) => {
  const name = "what an author was told is written is there at the end, once";
  const counts = countsOf(history.written);
  const acknowledged = history.of("board-write").filter(({ answer }) => answer === "ok");
  const violations = acknowledged
    .filter(({ rows }) => rows.some((row) => counts.get(row) !== 1))
    .map((write) => violation(name, write, said(write.rows, counts)));
  return { name, saw: acknowledged.length, violations };
};

export const refusedWritesAreNotThere: Checker = (history) => {
  const name =
    "a write that was refused is not there, one without an answer is there whole, once, or not at all";
  const counts = countsOf(history.written);
  const writes = history.of("board-write");
  const others = writes.filter(({ answer }) => answer !== "ok");
  const isRight = ({ rows, answer }: BoardWrite): boolean => {
    const most = inDoubt.has(answer) ? 1 : 0;
    const [first = 0, ...rest] = rows.map((row) => counts.get(row) ?? 0);
    return first <= most && rest.every((count) => count === first);
  };
  const wanted = new Set(writes.flatMap(({ rows }) => rows));
  const endMs = history.facts.at(-1)?.atMs ?? 0;
  const strays = history.written.filter((row) => !wanted.has(row));
  const violations = [
    ...others
      .filter((write) => !isRight(write))
      .map((write) => violation(name, write, `${write.answer}: ${said(write.rows, counts)}`)),
    ...strays.map((row) => ({
      check: name,
      what: `nobody wrote "${row}"`,
      about: {},
      fromMs: endMs,
      toMs: endMs,
    })),
  ];
  return { name, saw: others.length, violations };
};

/** What ends tokens is known everywhere after this time, in milliseconds: see the operations manual. */
const knownMs = 60_000;
/** Without a list of revoked tokens that is younger than this, nothing is changed, whatever is broken. */
const listMsMax = 120_000;
/** The resource-server asks for the list this often, so a fault can cost it one time of asking. */
const askMs = 20_000;

/** The parts on which the list of revoked tokens depends. */
const onTheWay: readonly Part[] = [
  { kind: "postgres" },
  { kind: "server", name: "login-1" },
  { kind: "server", name: "resource" },
  { kind: "link", name: "login-1 to redis" },
  { kind: "link", name: "login-1 to postgres" },
  { kind: "link", name: "resource to login-1" },
  { kind: "link", name: "resource to postgres" },
];

interface Ending {
  readonly askedMs: number;
  /** Null: nobody knows whether it was carried out. */
  readonly doneMs: number | null;
}

/** What the operator did to each account that ends its tokens. */
function endingsOf(history: History): (account: string) => readonly Ending[] {
  const endings = new Map<string, Ending[]>();
  const add = (account: string, ending: Ending): void =>
    void endings.set(account, [...(endings.get(account) ?? []), ending]);
  for (const order of givenOrders(history))
    if (order.what === "ban" && !order.isRefused) add(order.account, order);
  const passwords = history.of("password");
  for (const { account, password, atMs: askedMs, change } of passwords) {
    if (change !== "asked") continue;
    const stored = passwords.find((each) => each.password === password && each.change === "stored");
    add(account, { askedMs, doneMs: stored?.atMs ?? null });
  }
  return (account) => endings.get(account) ?? [];
}

/** When a token that came at `gotMs` had certainly ended. Infinity: never. */
const endedMsOf = (endings: readonly Ending[], gotMs: number): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...endings.flatMap(({ askedMs, doneMs }) => (askedMs > gotMs && doneMs !== null ? [doneMs] : [])),
  );

/** Whether the operator has ended the tokens that the account had got by then. */
export const hasEnded = (history: History, account: string, gotMs: number): boolean =>
  endedMsOf(endingsOf(history)(account), gotMs) < Number.POSITIVE_INFINITY;

interface WriteWithToken {
  readonly write: BoardWrite;
  readonly got: BoardToken;
}

function withTokens(history: History): WriteWithToken[] {
  const keyOf = (account: string, token: number | null): string => `${account} ${token}`;
  const tokens = new Map(history.of("board-token").map((got) => [keyOf(got.account, got.token), got]));
  return history.of("board-write").flatMap((write) => {
    const got = tokens.get(keyOf(write.account, write.token));
    return got === undefined ? [] : [{ write, got }];
  });
}

export const endedTokensWriteNothing: Checker = (history) => {
  const name = `nobody writes with a token ${knownMs / 1_000} s after it was ended, and the faults on the way of the list, and never after ${listMsMax / 1_000} s`;
  const endings = endingsOf(history);
  const faults = spansOf(history.of("fault").filter(({ of }) => isOneOf(onTheWay, of))).map(
    ({ fromMs, toMs }): Span => ({ fromMs, toMs: toMs + askMs }),
  );
  let saw = 0;
  const violations = withTokens(history).flatMap(({ write, got }): Violation[] => {
    const endedMs = endedMsOf(endings(write.account), got.atMs);
    const afterMs = write.askedMs - endedMs;
    if (afterMs <= 0) return [];
    const covered = coveredMs({ fromMs: endedMs, toMs: write.askedMs }, faults);
    const isLate = afterMs > Math.min(listMsMax, knownMs + covered);
    if (isLate || write.answer === "token") saw += 1;
    if (!isLate || write.answer !== "ok") return [];
    return [
      violation(name, write, `wrote with token ${write.token} ${Math.round(afterMs)} ms after it was ended`),
    ];
  });
  return { name, saw, violations };
};

export const onlyEndedTokensAreRefused: Checker = (history) => {
  const name = "a token is refused only if it was ended, and one that nobody has signed always";
  const endings = endingsOf(history);
  const mayHaveEnded = ({ write, got }: WriteWithToken): boolean =>
    endings(write.account).some(
      ({ askedMs, doneMs }) =>
        askedMs < write.atMs && (doneMs ?? Number.POSITIVE_INFINITY) + lateMs > got.askedMs,
    );
  const forged = history.of("board-write").filter(({ token }) => token === null);
  const shown = withTokens(history);
  const violations = [
    ...forged
      .filter(({ answer }) => answer === "ok")
      .map((write) => violation(name, write, "wrote with a token that nobody has signed")),
    ...shown
      .filter((each) => each.write.answer === "token" && !mayHaveEnded(each))
      .map(({ write }) => violation(name, write, `token ${write.token} was refused`)),
  ];
  return { name, saw: Math.min(forged.length, shown.length), violations };
};

/** The checks of a run with authors. */
export const authorCheckers: readonly Checker[] = [
  acknowledgedWritesAreThere,
  refusedWritesAreNotThere,
  endedTokensWriteNothing,
  onlyEndedTokensAreRefused,
];
