import { expect, test } from "vitest";
import type { Checker } from "../src/checks/check.ts";
import {
  bannedStayOut,
  nobodyIsPutOutWithoutCause,
  playersLeaveInTime,
  renamedIsShownSo,
} from "../src/checks/orders.ts";
import { onlyTheNewPasswordCounts } from "../src/checks/passwords.ts";
import type { Part } from "../src/cluster/part.ts";
import type { Call, Fact, Order, PasswordChange } from "../src/history/fact.ts";
import { History } from "../src/history/history.ts";

/* Each checker of the operator's orders is shown a history in which its rule was kept, and some in which it was not. */

const account = "a";
let orders = 0;

/** An order that was asked for at the first time, and done at the second. */
function order(what: Order["what"], askedMs: number, doneMs: number | "refused" | null, detail = ""): Fact[] {
  orders += 1;
  const of = { type: "order", id: `${orders}`, account, what, detail } as const;
  const asked: Fact = { ...of, atMs: askedMs, change: "asked" };
  if (doneMs === null) return [asked];
  if (doneMs === "refused") return [asked, { ...of, atMs: askedMs + 100, change: "refused" }];
  return [asked, { ...of, atMs: doneMs, change: "done" }];
}

const call = (what: string, askedMs: number, answer = "ok", change: Partial<Call> = {}): Fact => ({
  ...{ type: "call", askedMs, atMs: askedMs + 50, account, way: "gateway", charId: 1, call: what, answer },
  ...{ protocol: "native", detail: "", parts: 1 },
  ...change,
});
const login = (askedMs: number, password: string, answer = "ok"): Fact =>
  call("login", askedMs, answer, { password });
const putOut = (atMs: number, reason: string): Fact => ({ type: "put-out", atMs, account, reason });
const named = (askedMs: number, name: string): Fact => ({
  ...{ type: "named", atMs: askedMs + 50, askedMs, account, name },
});
const fault = (of: Part, fromMs: number, toMs: number): Fact[] => [
  { type: "fault", atMs: fromMs, of, what: "x", change: "begins" },
  { type: "fault", atMs: toMs, of, what: "x", change: "ends" },
];
const password = (text: string, atMs: number, change: PasswordChange["change"]): Fact => ({
  ...{ type: "password", atMs, account, by: "client", password: text, change },
});
const changed = (text: string, askedMs: number, storedMs: number): Fact[] => [
  password(text, askedMs, "asked"),
  password(text, storedMs, "stored"),
];

const ban = [...order("ban", 1_000, 1_200), ...order("unban", 60_000, 60_200)];
const renamed = [...order("rename", 1_000, 1_500, "a_x")];
const twice = [...changed("second", 1_000, 1_200), ...changed("third", 5_000, 5_200)];
const laterOn = call("say", 90_000);

const cases: readonly (readonly [string, Checker, readonly Fact[], readonly Fact[]])[] = [
  [
    "a login during a ban",
    bannedStayOut,
    [...ban, login(1_100, "p"), login(2_000, "p", "banned"), login(60_100, "p")],
    [...ban, login(2_000, "p")],
  ],
  [
    "a banned player that walks on",
    playersLeaveInTime,
    [login(500, "p"), ...ban, putOut(9_000, "banned"), call("walk", 30_000)],
    [login(500, "p"), ...ban, putOut(9_000, "banned"), call("walk", 31_300)],
  ],
  [
    "a banned player that walks on, however it came in",
    playersLeaveInTime,
    [...ban, call("walk", 61_000)],
    [...ban, login(20_000, "p"), call("walk", 40_000)],
  ],
  [
    "a banned player that walks on longer than the stores were away",
    playersLeaveInTime,
    [login(500, "p"), ...ban, ...fault({ kind: "redis" }, 2_000, 8_000), call("walk", 36_000), laterOn],
    [login(500, "p"), ...ban, ...fault({ kind: "server", name: "char" }, 2_000, 8_000), call("walk", 36_000)],
  ],
  [
    "a kicked player that walks on",
    playersLeaveInTime,
    [login(500, "p"), ...order("kick", 1_000, 1_100), login(2_000, "p"), call("walk", 40_000), laterOn],
    [login(500, "p"), ...order("kick", 1_000, 1_100), call("walk", 40_000), laterOn],
  ],
  [
    "a player that walks on after its logins ended",
    playersLeaveInTime,
    [login(500, "p"), ...order("end-logins", 1_000, "refused"), ...order("kick", 2_000, 2_100), laterOn],
    [login(500, "p"), ...order("end-logins", 1_000, 1_100), call("walk", 40_000), laterOn],
  ],
  [
    "a player that is put out as banned, and is not",
    nobodyIsPutOutWithoutCause,
    [...ban, putOut(61_000, "banned")],
    [...ban, putOut(500, "banned")],
  ],
  [
    "a player that is put out long after its ban",
    nobodyIsPutOutWithoutCause,
    [...ban, putOut(90_000, "banned")],
    [...ban, putOut(90_300, "banned")],
  ],
  [
    "a player that is kicked for the order of another kind",
    nobodyIsPutOutWithoutCause,
    [...order("rename", 1_000, "refused"), putOut(3_000, "kicked")],
    [...order("end-logins", 1_000, 1_100), putOut(3_000, "kicked")],
  ],
  [
    "a login that is refused as banned after the ban was lifted",
    nobodyIsPutOutWithoutCause,
    [...ban, login(60_100, "p", "banned")],
    [...ban, login(60_300, "p", "banned")],
  ],
  [
    "a list with the old name of a character",
    renamedIsShownSo,
    [...renamed, named(1_100, "a"), named(2_000, "a_x")],
    [...renamed, named(2_000, "a")],
  ],
  [
    "a list with a name that nobody gave",
    renamedIsShownSo,
    [...renamed, ...order("rename", 3_000, null, "a"), named(3_100, "a"), named(3_200, "a_x")],
    [...renamed, ...order("rename", 3_000, "refused", "a"), named(3_100, "a")],
  ],
  [
    "a login with a replaced password",
    onlyTheNewPasswordCounts,
    [
      ...twice,
      login(1_100, "first"),
      login(6_000, "third"),
      login(6_000, "second", "wrong-name-or-password"),
    ],
    [...twice, login(6_000, "second")],
  ],
  [
    "a change with a replaced password",
    onlyTheNewPasswordCounts,
    [...twice, call("change password", 6_000, "wrong-name-or-password", { password: "first" })],
    [...twice, call("change password", 6_000, "ok", { password: "first" })],
  ],
  [
    "a newest password that is called wrong",
    onlyTheNewPasswordCounts,
    [...twice, login(4_990, "second", "wrong-name-or-password"), login(2_000, "second")],
    [...twice, login(6_000, "third", "wrong-name-or-password")],
  ],
  [
    "a password that was refused, and logs in",
    onlyTheNewPasswordCounts,
    [password("b", 1_000, "asked"), password("b", 1_100, "refused"), login(2_000, "first")],
    [password("b", 1_000, "asked"), password("b", 1_100, "refused"), login(2_000, "b")],
  ],
];

test.each(cases)("%s is reported, and correct behaviour is not", (_, check, right, wrong) => {
  const seen = (facts: readonly Fact[]) => {
    const history = new History();
    for (const fact of facts) history.saw(fact);
    const { saw, violations } = check(history);
    return { saw, found: violations.map(({ what }) => what) };
  };
  const ofRight = seen(right);
  expect(ofRight.found).toEqual([]);
  expect(ofRight.saw).toBeGreaterThan(0);
  expect(seen(wrong).found).toHaveLength(1);
});

test("nothing is said about a password whose change got no answer", () => {
  const history = new History();
  const facts = [password("b", 1_000, "asked"), login(2_000, "first"), login(3_000, "b")];
  for (const fact of [...facts, login(4_000, "first", "wrong-name-or-password")]) history.saw(fact);
  expect(onlyTheNewPasswordCounts(history).violations).toEqual([]);
});
