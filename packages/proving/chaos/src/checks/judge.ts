import { playerProtocols } from "@sallyport/rig";
import type { WatchedServer } from "../cluster/watched-server.ts";
import type { Call, Order } from "../history/fact.ts";
import type { History } from "../history/history.ts";
import { homeMsMax } from "../timing.ts";
import type { Check, Checker, Violation } from "./check.ts";
import { everyQuestionIsAnswered, playersAreWhereTheyLeft } from "./clients.ts";
import {
  acknowledgedSavesAreThere,
  countersNeverGoBack,
  fencesRiseByOne,
  oneOwnerAFence,
  onlyOwnersSave,
} from "./saved-states.ts";
import { acknowledgedScoresAreEntries, onlyOwnersScore } from "./scores.ts";

export interface Homecoming {
  readonly account: string;
  /** The name of the server at which the player logged in, and the protocol of its client. */
  readonly way: string;
  /**
   * Milliseconds from the end of the last fault until the player was back. Null if the player never came
   * back.
   */
  readonly afterMs: number | null;
  readonly refusals: readonly string[];
}

export interface Aftermath {
  /** Null: nobody had to come home, because there were no faults. */
  readonly homecomings: readonly Homecoming[] | null;
  readonly players: number;
  /** The locks of accounts and characters that were held when everybody had left. */
  readonly locksLeft: readonly string[];
  readonly servers: readonly Pick<
    WatchedServer,
    "name" | "ends" | "leaks" | "lines" | "strayKeys" | "residentBytesMax" | "clientsLeft"
  >[];
}

export interface Verdict {
  readonly checks: readonly Check[];
  readonly violations: readonly Violation[];
  /** Null: nobody had to come home. */
  readonly homeMsMax: number | null;
  readonly marks: Readonly<Record<string, number>>;
  /** Number of client calls by call and answer, the most frequent first. */
  readonly answers: Readonly<Record<string, number>>;
  readonly memoryMiB: Readonly<Record<string, number>>;
}

const checkers: readonly Checker[] = [
  oneOwnerAFence,
  onlyOwnersSave,
  acknowledgedSavesAreThere,
  countersNeverGoBack,
  fencesRiseByOne,
  acknowledgedScoresAreEntries,
  onlyOwnersScore,
  playersAreWhereTheyLeft,
  everyQuestionIsAnswered,
];

/** Maximum memory of a server. A server with some hundred players needs several times less. */
const residentBytesMax = 512 * 2 ** 20;
const mebibyte = 2 ** 20;

/** `more` are checks that hold only for this kind of run. */
export function judge(history: History, aftermath: Aftermath, more: readonly Check[] = []): Verdict {
  const { homecomings, servers } = aftermath;
  const checks = [
    ...checkers.map((check) => check(history)),
    ...more,
    ...(homecomings === null ? [] : [everybodyComesHome(history, homecomings)]),
    nobodyIsStuck(history, aftermath),
    everyServerLives(history, aftermath),
    everyLineHasTheKeysOfTheTable(history, aftermath),
  ];
  return {
    checks,
    violations: checks.flatMap(({ violations }) => violations),
    homeMsMax:
      homecomings === null
        ? null
        : Math.max(0, ...homecomings.map(({ afterMs }) => afterMs ?? Number.POSITIVE_INFINITY)),
    marks: marksOf(history),
    answers: answersOf(history),
    memoryMiB: Object.fromEntries(
      servers.map(({ name, residentBytesMax: bytes }) => [name, Math.round(bytes / mebibyte)]),
    ),
  };
}

const endOf = ({ facts }: History): number => facts[facts.length - 1]?.atMs ?? 0;

function everybodyComesHome(history: History, homecomings: readonly Homecoming[]): Check {
  const name = `everybody is in the world again within ${homeMsMax / 1_000} s after the last fault`;
  const toMs = endOf(history);
  const violations = homecomings
    .filter(({ afterMs }) => afterMs === null || afterMs > homeMsMax)
    .map(({ account, way, afterMs, refusals }): Violation => {
      const when = afterMs === null ? "never" : `after ${Math.round(afterMs)} ms`;
      const what = `${account}, by ${way}, came ${when}; refused meanwhile: ${[...new Set(refusals)].join(", ")}`;
      return { check: name, what, about: { account }, fromMs: toMs - 10_000, toMs };
    });
  return { name, saw: homecomings.length, violations };
}

function nobodyIsStuck(history: History, { players, locksLeft }: Aftermath): Check {
  const name = "when everybody has left, no account and no character is locked";
  const toMs = endOf(history);
  const violations = locksLeft.map(
    (lock): Violation => ({ check: name, what: `${lock} is held by nobody`, about: {}, fromMs: toMs, toMs }),
  );
  return { name, saw: players, violations };
}

function everyServerLives(history: History, { servers }: Aftermath): Check {
  const name =
    "no server ends by itself, tells a secret, takes more and more memory, or keeps connections of clients that left";
  const toMs = endOf(history);
  const violations = servers.flatMap(
    ({ name: server, ends, leaks, residentBytesMax: bytes, clientsLeft }) => {
      const grown = bytes > residentBytesMax ? [`${server} took ${Math.round(bytes / mebibyte)} MiB`] : [];
      const kept = clientsLeft > 0 ? [`${server} keeps ${clientsLeft} connections of clients that left`] : [];
      const told = leaks.map((line) => `${server} logged a secret: ${line}`);
      return [...ends, ...told, ...grown, ...kept].map(
        (what): Violation => ({ check: name, what, about: {}, fromMs: toMs, toMs }),
      );
    },
  );
  return { name, saw: servers.length, violations };
}

function everyLineHasTheKeysOfTheTable(history: History, { servers }: Aftermath): Check {
  const name = "every line of a log has keys that are in the table of keys, and none twice";
  const toMs = endOf(history);
  const violations = servers.flatMap(({ name: server, strayKeys }) =>
    strayKeys.map(
      (stray): Violation => ({ check: name, what: `${server}: ${stray}`, about: {}, fromMs: toMs, toMs }),
    ),
  );
  return { name, saw: servers.reduce((sum, { lines }) => sum + lines, 0), violations };
}

/** Counts the events that have to occur in a run. If they do not occur, the run has shown nothing. */
function marksOf(history: History): Record<string, number> {
  const calls = history.of("call");
  const answered = history.of("save-answered");
  const logged = (message: string): number =>
    history.of("log").filter((line) => line.message === message).length;
  const count = (call: string, isCounted: (call: Call) => boolean = () => true): number =>
    calls.filter((each) => each.call === call && each.answer === "ok" && isCounted(each)).length;
  return {
    logins: count("login"),
    "entries into the world": count("map enter"),
    "of these by the gateway": count("map enter", ({ way }) => way === "gateway"),
    ...Object.fromEntries(
      playerProtocols.map(({ name }) => [
        `of these by ${name} clients`,
        count("map enter", ({ protocol }) => protocol === name),
      ]),
    ),
    walks: count("walk"),
    "calls refused or lost": calls.filter(({ answer }) => answer !== "ok").length,
    "saves acknowledged": answered.filter(({ refusal }) => refusal === null).length,
    "saves refused by the fence": answered.filter(({ refusal }) => refusal === "lock-lost").length,
    "scores acknowledged": history.of("score-answered").filter(({ refusal }) => refusal === null).length,
    "scores refused by the fence": history
      .of("score-answered")
      .filter(({ refusal }) => refusal === "lock-lost").length,
    "hops between map-servers": logged("player moved to another map-server"),
    "players dropped without saving": logged("player dropped without saving"),
    "characters reclaimed": history
      .of("reclaimed")
      .reduce((sum, each) => sum + each.characters - each.lost, 0),
    "accounts taken over": logged("asked a map-server to release a character"),
    ...(history.of("order").length > 0 && ordersCarriedOut(history)),
    ...(history.of("board-write").length > 0 && writesOf(history)),
    "times the char-server went on to the other login-server": timesElsewhere(history),
  };
}

function ordersCarriedOut(history: History): Record<string, number> {
  const orders = history.of("order").filter(({ change }) => change === "done");
  const carriedOut = (what: Order["what"]): number => orders.filter((order) => order.what === what).length;
  const putOut = (reason: string): number =>
    history.of("put-out").filter((each) => each.reason === reason).length;
  const stored = history.of("password").filter(({ change }) => change === "stored");
  return {
    "bans of accounts": carriedOut("ban"),
    "players put out by a ban": putOut("banned"),
    "kicks of accounts": carriedOut("kick"),
    "players put out by a kick or a rename": putOut("kicked"),
    "characters renamed": carriedOut("rename"),
    "passwords set by the operator": stored.filter(({ by }) => by === "operator").length,
    "passwords changed by players": stored.filter(({ by }) => by === "client").length,
    "players put out by a new password": putOut("credential-changed"),
  };
}

function writesOf(history: History): Record<string, number> {
  const writes = history.of("board-write");
  const count = (isCounted: (write: (typeof writes)[number]) => boolean): number =>
    writes.filter(isCounted).length;
  return {
    "writes of authors acknowledged": count(({ answer }) => answer === "ok"),
    "of these over HTTP": count(({ answer, way }) => answer === "ok" && way.endsWith("HTTP")),
    "writes of authors refused by their token": count(({ answer }) => answer === "token"),
  };
}

function timesElsewhere(history: History): number {
  const linkedTo = history
    .of("log")
    .filter(({ message }) => message === "char-server linked" || message === "char-server is back")
    .map(({ server }) => server);
  return linkedTo.filter((server, nth) => nth > 0 && server !== linkedTo[nth - 1]).length;
}

function answersOf(history: History): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { call, answer } of history.of("call")) {
    const key = `${call}: ${answer}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
