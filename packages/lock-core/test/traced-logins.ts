import { type AccountOwnerEvent, accountOwnerTable, decideAccount, type LoginHere } from "../src/index.ts";
import { noting } from "./noted-moves.ts";
import { effectLine, refusalLine, stateLine, type Traced } from "./traced.ts";

/**
 * Returns the logins of one account at its char-server. An event names its login as `of=11`, and an answer
 * shows every login that is here. A request has the next number.
 */
export function tracedLogins(moves: Set<string>): Traced {
  const table = noting(accountOwnerTable, moves);
  let logins: readonly LoginHere[] = [];
  let request = 1;
  return ({ type, ...fields }, at) => {
    const { nowMs } = at;
    if (type === "anew") {
      logins = [];
      return [];
    }
    const { of: loginId1, ...rest } = fields as { readonly of: number };
    const event = { type, ...rest } as unknown as AccountOwnerEvent;
    const decided = decideAccount(logins, { loginId1, event }, { ...at, request }, table);
    if (decided.refusal !== null) return [refusalLine(decided.refusal)];
    logins = decided.logins;
    if (decided.effects.some((effect) => effect.type === "ask-release")) request += 1;
    return [
      ...(logins.length === 0 ? ["  -> absent"] : []),
      ...logins.map(({ loginId1, owner }) => stateLine(named(owner, loginId1), nowMs)),
      ...decided.effects.map(({ loginId1, ...effect }) => effectLine(named(effect, loginId1), nowMs)),
    ];
  };
}

const named = <T extends object>(shown: T, loginId1: number): T => ({ ...shown, of: loginId1 });
