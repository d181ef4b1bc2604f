import { storeLinks } from "../cluster/names.ts";
import { isOneOf, type Part } from "../cluster/part.ts";
import type { Call, Order, PutOut } from "../history/fact.ts";
import type { History } from "../history/history.ts";
import { lateMs } from "../timing.ts";
import type { Checker, Violation } from "./check.ts";
import { type Ban, bansIn, type GivenOrder, givenOrders } from "./given-orders.ts";
import { onlyTheNewPasswordCounts } from "./passwords.ts";
import { coveredMs, type Span, spansOf } from "./spans.ts";

/* These checks judge what became of the operator's orders. */

/**
 * Milliseconds in which a player that has to leave leaves, beside the time in which no store could be asked.
 * In the longest case the links to its map-server and its char-server are cut one after the other, and each
 * server steps down by its timers.
 */
const outMsMax = 30_000;

/** The orders that put a player out with this reason. A rename takes the account over first. */
const ordersFor: { readonly [reason: string]: readonly Order["what"][] } = {
  banned: ["ban"],
  kicked: ["kick", "rename"],
  "credential-changed": ["end-logins"],
};

/** While these are away, no store can be asked. */
const stores: readonly Part[] = [
  { kind: "redis" },
  { kind: "postgres" },
  ...storeLinks.map((name): Part => ({ kind: "link", name })),
];

export const bannedStayOut: Checker = (history) => {
  const name = "nobody logs in to a banned account, or gets a token of it";
  const bans = bansIn(givenOrders(history));
  const asked = loginsOf(history).flatMap((login) => {
    const ban = bans.find(
      ({ account, sinceMs, untilMs }) =>
        account === login.account && login.askedMs > sinceMs && login.atMs < untilMs,
    );
    return ban === undefined ? [] : [[login, ban] as const];
  });
  const violations = asked.flatMap(([login, ban]): Violation[] => {
    if (login.answer !== "ok") return [];
    const what = `${login.call} ${Math.round(login.askedMs - ban.sinceMs)} ms after it was banned`;
    return [violationOf(name, login, what)];
  });
  return { name, saw: asked.length, violations };
};

interface Walk extends Call {
  /** The login of the client that walks was asked for at this time. */
  readonly loginMs: number;
}

/** A player that logged in before an order leaves in time. A banned one does not walk at all any more. */
export const playersLeaveInTime: Checker = (history) => {
  const name = `a player that is banned or kicked, or whose logins end, leaves within ${outMsMax / 1_000} s and the faults of stores meanwhile`;
  const orders = givenOrders(history);
  const bans = bansIn(orders);
  const faults = spansOf(history.of("fault").filter(({ of }) => isOneOf(stores, of)));
  const walks = walksOf(history);
  const putOut = history.of("put-out");
  const lastMs = history.facts.at(-1)?.atMs ?? 0;
  let saw = 0;
  const violations = orders.flatMap((order): Violation[] => {
    const { account, what, askedMs, doneMs } = order;
    if (doneMs === null || !Object.values(ordersFor).flat().includes(what)) return [];
    const ban = what === "ban" ? bans.find((each) => isBanOf(each, order)) : undefined;
    const toMs = Math.min(ban?.untilMs ?? lastMs, lastMs);
    const isLate = (atMs: number): boolean =>
      atMs - doneMs > outMsMax + coveredMs({ fromMs: doneMs, toMs: atMs }, faults);
    const isSeen = putOut.some((each) => isPutOutBy(each, order) && !isLate(each.atMs));
    if (isSeen || isLate(toMs)) saw += 1;
    const late = walks
      .get(account)
      ?.find(
        (walk) =>
          walk.askedMs <= toMs && (ban !== undefined || walk.loginMs < askedMs) && isLate(walk.askedMs),
      );
    if (late === undefined) return [];
    const after = Math.round(late.askedMs - doneMs);
    return [violationOf(name, late, `walks ${after} ms after its ${what} was carried out`)];
  });
  return { name, saw, violations };
};

export const nobodyIsPutOutWithoutCause: Checker = (history) => {
  const name = "nobody is put out or refused as banned without an order";
  const orders = givenOrders(history);
  const bans = bansIn(orders);
  const put = history.of("put-out").filter(({ reason }) => reason in ordersFor);
  const refusals = history.of("call").filter(({ answer }) => answer === "banned");
  const hasCause = (each: PutOut): boolean =>
    orders.some((order) => isPutOutBy(each, order) && each.atMs <= overMsOf(order, bans) + lateMs);
  const isBanned = (call: Call): boolean =>
    bans.some((ban) => ban.account === call.account && overlaps(call, ban));
  const violations = [
    ...put
      .filter((each) => !hasCause(each))
      .map((each) => violationOf(name, { ...each, askedMs: each.atMs }, `was put out as ${each.reason}`)),
    ...refusals
      .filter((call) => !isBanned(call))
      .map((call) => violationOf(name, call, `${call.call} was refused as banned`)),
  ];
  return { name, saw: put.length + refusals.length, violations };
};

export const renamedIsShownSo: Checker = (history) => {
  const name = "a renamed character has its new name in each list";
  const renames = givenOrders(history).filter(({ what, isRefused }) => what === "rename" && !isRefused);
  let saw = 0;
  const violations = history.of("named").flatMap((named): Violation[] => {
    const own = renames.filter(({ account, askedMs }) => account === named.account && askedMs < named.atMs);
    const done = own.filter(({ doneMs }) => doneMs !== null && doneMs < named.askedMs).at(-1);
    if (done === undefined) return [];
    saw += 1;
    const possible = own.slice(own.indexOf(done)).map(({ detail }) => detail);
    if (possible.includes(named.name)) return [];
    return [violationOf(name, named, `is called ${named.name}, and should be ${possible.join(" or ")}`)];
  });
  return { name, saw, violations };
};

/** The checks of a run with an operator. */
export const orderCheckers: readonly Checker[] = [
  bannedStayOut,
  playersLeaveInTime,
  nobodyIsPutOutWithoutCause,
  renamedIsShownSo,
  onlyTheNewPasswordCounts,
];

const loginsOf = (history: History): Call[] =>
  history.of("call").filter(({ call }) => call === "login" || call === "token");

/** By other protocols, a walk that nobody answered counts as one. */
const answeringWalks: ReadonlySet<string> = new Set(["native", "a-series"]);

/** The players of an account come one after another, so the last login is that of the client that walks. */
function walksOf(history: History): ReadonlyMap<string, Walk[]> {
  const loginMs = new Map<string, number>();
  const walks = new Map<string, Walk[]>();
  for (const call of history.of("call")) {
    const { account } = call;
    if (call.answer !== "ok") continue;
    if (call.call === "login") loginMs.set(account, call.askedMs);
    if (call.call !== "walk" || !answeringWalks.has(call.protocol)) continue;
    const own = walks.get(account) ?? [];
    walks.set(account, own);
    own.push({ ...call, loginMs: loginMs.get(account) ?? 0 });
  }
  return walks;
}

const isBanOf = (ban: Ban, { account, askedMs }: GivenOrder): boolean =>
  ban.account === account && ban.askedMs === askedMs;

/** A ban can put out until it is lifted. */
const overMsOf = (order: GivenOrder, bans: readonly Ban[]): number =>
  order.what === "ban"
    ? (bans.find((ban) => isBanOf(ban, order))?.overMs ?? Number.POSITIVE_INFINITY)
    : order.endMs;

const isPutOutBy = ({ account, reason, atMs }: PutOut, order: GivenOrder): boolean =>
  order.account === account && order.askedMs <= atMs && ordersFor[reason]?.includes(order.what) === true;

const overlaps = (call: Call, { askedMs, overMs }: Ban): boolean =>
  askedMs <= call.atMs && call.askedMs <= overMs;

const violationOf = (
  check: string,
  { account, askedMs: fromMs, atMs: toMs }: Pick<Call, "account" | "askedMs" | "atMs">,
  what: string,
): Violation & Span => ({ check, what, about: { account }, fromMs, toMs });
