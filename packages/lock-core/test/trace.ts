import {
  accountLockCore,
  characterLockCore,
  characterOwnerTable,
  decideBy,
  expectedCharacter,
  type LockTiming,
  serverLinkTable,
  serverLockCore,
  unlinked,
} from "../src/index.ts";
import { noting } from "./noted-moves.ts";
import { timed } from "./timed-core.ts";
import { parseFields } from "./trace-fields.ts";
import { type Traced, type TraceFacts, traced } from "./traced.ts";
import { tracedLogins } from "./traced-logins.ts";

/*
 * A trace is a text with the commands to the locks of one account and their answers:
 *
 *     account hold owner=alpha/1 ids=11/12/female
 *       -> held ids=11/12/female fence=7 owner=alpha/1
 *
 * Lines that begin with a lock's name are commands. Lines that begin with `login`, `player` or `link` are
 * events of the owner tables: an account at its char-server, a character at its map-server, and the server
 * link. `anew` instead of a command or event begins with a new one. `facts` changes what a decision knows
 * beside the state. `wait 30s` passes time, `#` begins a comment. Indented text is the answer: the state and its time limit, or a refusal, and the effects. A server
 * lock says `life=alpha-1` for the incarnation that an owner shows as `alpha/1`.
 */

/**
 * Returns the trace with the answers that the present code gives. Adds each move of an owner to `moves`, as
 * `state × event → next`.
 */
export function answered(trace: string, timing: LockTiming, moves = new Set<string>()): string {
  const [account, character] = [accountLockCore(timing), characterLockCore(timing)];
  const server = serverLockCore(timing);
  const players = noting(characterOwnerTable, moves);
  const links = noting(serverLinkTable, moves);
  const saving = { autosaveMs: 60_000, unsavedMs: 300_000 };
  const subjects: { readonly [name: string]: Traced } = {
    account: traced(() => account.initial, timed(account.decide)),
    character: traced(() => character.initial, timed(character.decide)),
    server: traced(() => server.initial, server.decide),
    login: tracedLogins(moves),
    player: traced(
      (nowMs) => expectedCharacter(nowMs + saving.autosaveMs),
      (owner, event, at) => decideBy(players, owner, event, { ...at, ...saving }),
    ),
    link: traced(
      () => unlinked,
      (state, event, at) => decideBy(links, state, event, at),
    ),
  };
  let at: TraceFacts = { nowMs: 0, isRestoring: false, isLinked: true };

  function answer(line: string): readonly string[] {
    const [what = "", type = "", ...words] = line.split(" ");
    if (what === "wait") {
      at = { ...at, nowMs: at.nowMs + Number(/^([\d.]+)s$/.exec(type)?.[1]) * 1_000 };
      return [];
    }
    if (what === "facts") {
      at = { ...at, ...parseFields([type, ...words]) };
      return [];
    }
    const subject = subjects[what];
    if (subject === undefined) throw new Error(`no such lock or owner: ${line}`);
    return subject({ type, ...parseFields(words) }, at);
  }

  const said = trace.split("\n").filter((line) => !/^\s+\S/.test(line));
  return said.flatMap((line) => (/^[a-z]/.test(line) ? [line, ...answer(line)] : [line])).join("\n");
}
