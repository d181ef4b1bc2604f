import type { Act } from "../generator/orders.ts";
import { inTurns, measureLoad, playFirst } from "../measure.ts";
import type { Case } from "../report.ts";
import { clientsOf, hopAccountNames, password, type Scenario, type Stage } from "./scenario.ts";

export type Wire = "native" | "ragnarok";

/**
 * Measures whole hops for each number of clients. In a hop, a client logs in, chooses a character, enters the
 * map and leaves. The bound is the floor. The clients of the floor are always Ragnarok clients.
 */
export const hopsOver =
  (wire: Wire, name: string): Scenario =>
  async (stage) => {
    const sides = await sidesOf(stage, wire, "hop");
    const cases: Case[] = [];
    for (const clients of stage.size.clients) {
      const names = { scenario: `full hop, ${name}`, name: clientsOf(clients), unit: "hops", bound: "floor" };
      cases.push(
        await inTurns(stage, names, { ours: () => sides.ours(clients), bare: () => sides.bare(clients) }),
      );
    }
    return { cases, figures: [] };
  };

/**
 * Measures only logins: with raw passwords that the login-server remembers, and with SCRAM proofs. The bound
 * is the floor.
 */
export const logins: Scenario = async (stage) => {
  const { atOnce } = stage.size;
  const kinds = { "remembered raw login": "ragnarok", "SCRAM login": "native" } as const;
  const cases: Case[] = [];
  for (const [scenario, wire] of Object.entries(kinds)) {
    const sides = await sidesOf(stage, wire, "log in");
    const names = { scenario, name: clientsOf(atOnce), unit: "logins", bound: "floor" };
    const [ours, bare] = [() => sides.ours(atOnce), () => sides.bare(atOnce)];
    cases.push(await inTurns(stage, names, { ours, bare }));
  }
  return { cases, figures: [] };
};

/** Lets each account hop, unless an earlier scenario did this on the same servers. */
export const hopFirst = (
  stage: Stage,
  act: Extract<Act, { readonly type: "hop" | "log in" }>,
): Promise<void> =>
  stage.standing.once(`${act.wire} ${act.login.port}`, () => {
    const accounts = hopAccountNames(stage.size);
    const { atOnce, warmUp } = stage.size;
    stage.tell(`${accounts.length} accounts hop, ${Math.max(warmUp, accounts.length)} times together`);
    return playFirst(stage, { act, accounts, clients: atOnce }, warmUp);
  });

/** Resolves when each account has hopped once on both sides. The servers then run optimised code. */
async function sidesOf(stage: Stage, wire: Wire, type: "hop" | "log in") {
  const { size, standing } = stage;
  const accounts = hopAccountNames(size);
  const [floor, ours] = [await standing.floor(), await standing.ours()];
  const actAt = {
    ours: { wire, password, login: ours.doors.login[wire] },
    bare: { wire: "ragnarok", password, login: floor.login },
  } as const;
  for (const side of ["ours", "bare"] as const) {
    await hopFirst(stage, { type: "hop", ...actAt[side] });
  }
  const play = (side: keyof typeof actAt, clients: number) =>
    measureLoad(stage, side === "ours" ? ours.pids : floor.pids, {
      act: { type, ...actAt[side] },
      accounts,
      clients,
    });
  return {
    ours: (clients: number) => play("ours", clients),
    bare: (clients: number) => play("bare", clients),
  };
}
