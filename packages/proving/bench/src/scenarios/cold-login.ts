import { availableParallelism } from "node:os";
import { inTurns, measureLoad, playFirst } from "../measure.ts";
import { clientsOf, coldAccountNames, password, type Scenario } from "./scenario.ts";

/**
 * Measures logins with raw passwords that the login-server does not remember. Each login needs one hash. The
 * bound is argon2id alone, with the same parameters.
 */
export const coldLogin: Scenario = async (stage) => {
  const { size, standing } = stage;
  const { atOnce } = size;
  const ours = await standing.ours();
  const login = ours.doors.login.ragnarok;
  const names = coldAccountNames(size);
  const perRound = Math.floor(names.length / (size.rounds + 1));
  let used = 0;
  const unused = (count: number): readonly string[] => {
    used += count;
    return names.slice(used - count, used);
  };
  const act = { type: "log in", wire: "ragnarok", login, password } as const;
  await playFirst(stage, { act, accounts: unused(atOnce), clients: atOnce });
  const hashing = Math.min(availableParallelism(), atOnce);
  const hashes = { act: { type: "hash" }, accounts: names.slice(0, hashing), clients: hashing } as const;
  const of = { scenario: "cold login", name: clientsOf(atOnce), unit: "logins" };
  const one = await inTurns(
    stage,
    { ...of, bound: `argon2id, ${hashing} at once` },
    {
      ours: () => measureLoad(stage, ours.pids, { act, accounts: unused(perRound), clients: atOnce }),
      bare: () => measureLoad(stage, {}, hashes),
    },
  );
  return { cases: [one], figures: [] };
};
