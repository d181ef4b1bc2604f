import type { Call, PasswordChange } from "../history/fact.ts";
import type { History } from "../history/history.ts";
import type { Checker, Violation } from "./check.ts";

interface KnownPassword {
  readonly password: string;
  readonly askedMs: number;
  /** It was stored before this time. Infinity: it was not, or nobody knows. */
  storedMs: number;
  /** Since this time it is known that it never was stored. */
  refusedMs: number;
}

const never = Number.POSITIVE_INFINITY;
const first = { askedMs: 0, storedMs: 0, refusedMs: never };

/**
 * A password counts from the answer that it is stored until the next one is asked for. From the answer that the
 * next one is stored, no server admits it, whatever it remembers.
 */
export const onlyTheNewPasswordCounts: Checker = (history) => {
  const name = "a replaced password does not log in at any server, and the newest does";
  const changes = changesOf(history);
  let saw = 0;
  const violations = history.of("call").flatMap((call): Violation[] => {
    const own = changes.get(call.account);
    if (call.password === undefined || own === undefined) return [];
    const problem = problemOf(call, own);
    if (problem === null) return [];
    saw += 1;
    if (problem === "") return [];
    const { account, askedMs: fromMs, atMs: toMs } = call;
    return [{ check: name, what: `"${call.password}" ${problem}`, about: { account }, fromMs, toMs }];
  });
  return { name, saw, violations };
};

/** Empty: the answer is right. Null: any answer is right. */
function problemOf({ password = "", answer, askedMs, atMs }: Call, own: readonly KnownPassword[]) {
  const nth = own.findIndex((each) => each.password === password);
  // The client registered with this password, and it was the only one before any change.
  const shown = own[nth] ?? { ...first, password };
  const later = own.slice(nth + 1);
  const isReplaced = later.some(({ storedMs }) => storedMs < askedMs);
  const mayBeReplaced = later.some((each) => each.askedMs < atMs && each.refusedMs > askedMs);
  if (isReplaced) return answer === "ok" ? "was replaced, and logged in" : "";
  if (shown.refusedMs < askedMs) return answer === "ok" ? "was refused, and logged in" : "";
  if (shown.storedMs >= askedMs || mayBeReplaced) return null;
  // Clients of other protocols are told so in other words.
  return answer === "wrong-name-or-password" ? "is the newest, and was called wrong" : "";
}

/** The passwords of each account that was asked for a new one, without the first. */
function changesOf(history: History): ReadonlyMap<string, KnownPassword[]> {
  const changes = new Map<string, KnownPassword[]>();
  for (const fact of history.of("password")) {
    const own = changes.get(fact.account) ?? [];
    changes.set(fact.account, own);
    note(own, fact);
  }
  return changes;
}

function note(own: KnownPassword[], { password, change, atMs }: PasswordChange): void {
  const known = own.find((each) => each.password === password);
  if (known === undefined) own.push({ ...first, password, askedMs: atMs, storedMs: never });
  else if (change === "stored") known.storedMs = atMs;
  else if (change === "refused") known.refusedMs = atMs;
}
