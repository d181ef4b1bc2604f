import { playerProtocols } from "@sallyport/rig";
import type { Check, Violation } from "../checks/check.ts";
import type { Call } from "../history/fact.ts";
import type { History } from "../history/history.ts";
import type { BanOutcome } from "./bans.ts";
import type { Hearing } from "./hearing.ts";
import type { MixedRecord } from "./mixed-client.ts";

/* What holds in a world without faults. */

export interface Mixed {
  readonly records: readonly MixedRecord[];
  readonly hearing: Hearing;
  readonly bans: readonly BanOutcome[];
  /** The id of the character of each account, by the name or the e-mail address of the account. */
  readonly charIds: ReadonlyMap<string, number>;
}

const isBusy = ({ protocol, answer }: Call): boolean =>
  playerProtocols.some(({ name, busyWords }) => name === protocol && busyWords.includes(answer));
const hopped = "player moved to another map-server";

function checkOf<Case>(
  history: History,
  name: string,
  cases: readonly Case[],
  problem: (one: Case) => { readonly what: string; readonly account?: string; readonly atMs?: number } | null,
): Check {
  const endMs = history.facts[history.facts.length - 1]?.atMs ?? 0;
  const violations = cases.flatMap((one): Violation[] => {
    const found = problem(one);
    if (found === null) return [];
    const { what, account, atMs = endMs } = found;
    const about = account === undefined ? {} : { account };
    return [{ check: name, what, about, fromMs: atMs, toMs: atMs }];
  });
  return { name, saw: cases.length, violations };
}

export function mixedChecks(history: History, { records, hearing, bans, charIds }: Mixed): readonly Check[] {
  const moved = new Set(
    history
      .of("log")
      .filter(({ message }) => message === hopped)
      .map(({ fields }) => fields["charId"]),
  );
  const banned = new Set(bans.map(({ hit }) => hit));
  return [
    checkOf(
      history,
      "nothing is refused to a client, except that a server is busy for a moment",
      history.of("call"),
      (call) =>
        call.answer === "ok" || isBusy(call) || banned.has(call.account)
          ? null
          : {
              what: `${call.account}: ${call.call} by ${call.protocol}, at ${call.way}: ${call.answer}`,
              account: call.account,
              atMs: call.atMs,
            },
    ),
    checkOf(history, "every visit begins and ends in good order", records, ({ name, visits, failed }) =>
      failed.length === 0 && visits.length > 0
        ? null
        : { what: `${name} visited by ${visits.join(", ")}; ${failed.join("; ")}`, account: name },
    ),
    checkOf(history, "every client is heard by clients of other protocols", records, ({ name }) =>
      hearing.isHeardByOthers(name) ? null : { what: `nobody heard ${name}`, account: name },
    ),
    checkOf(history, "every client goes to another map-server", records, ({ name, login }) =>
      moved.has(charIds.get(login)) ? null : { what: `${name} stayed on one map-server`, account: name },
    ),
    checkOf(history, "clients get only what their protocol allows", records, ({ name, complaints }) =>
      complaints.length === 0 ? null : { what: `${name}: ${complaints.join("; ")}`, account: name },
    ),
    checkOf(history, "clients of all protocols hear each other", [hearing.missing], (missing) =>
      missing.length === 0 ? null : { what: `never heard: ${missing.join(", ")}` },
    ),
    checkOf(history, "a ban by address hits its client, and nobody beside it", bans, ({ hit, problem }) =>
      problem === null ? null : { what: problem, account: hit },
    ),
  ];
}
