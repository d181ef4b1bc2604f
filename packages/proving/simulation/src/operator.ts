import { AccountId, type Outcome } from "@sallyport/domain";
import { characterLockKey } from "@sallyport/lock-core";
import type { Random } from "@sallyport/random";
import { orUnavailable, silentLog } from "@sallyport/server-kit";
import type { Cluster } from "./cluster.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Observer } from "./facts.ts";
import type { PlannedAct } from "./planned.ts";
import type { SimulatedAccount } from "./population.ts";
import type { SimulatedStores } from "./simulated-stores.ts";
import type { Topology } from "./topology.ts";

/** An operator renames, moves and kicks characters, whoever plays them. */

export interface OperatorOptions {
  readonly loop: EventLoop;
  readonly cluster: Cluster;
  readonly stores: SimulatedStores;
  readonly observer: Observer;
  readonly accounts: readonly SimulatedAccount[];
}

const whats = ["rename", "move", "kick"] as const;

export function drawActs(
  random: Random,
  of: { readonly topology: Topology; readonly accounts: number; readonly calmMs: number },
): readonly PlannedAct[] {
  if (!random.chance(0.35)) return [];
  return Array.from({ length: 1 + random.below(4) }, (_, index) => ({
    id: `act-${index}`,
    atMs: random.between(500, of.calmMs * 0.9),
    what: random.pick(whats),
    account: random.below(of.accounts),
    world: random.pick(of.topology.worlds),
    slot: random.below(2),
  }));
}

export class Operator {
  readonly #options: OperatorOptions;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  schedule(acts: readonly PlannedAct[]): void {
    for (const act of acts) this.#options.loop.after(act.atMs, () => void this.#act(act));
  }

  async #act(act: PlannedAct): Promise<void> {
    const { loop, observer, cluster, stores, accounts } = this.#options;
    const account = accounts[act.account];
    const char = cluster.charServerOf(act.world);
    if (account === undefined || char === null) return;
    const accountId = AccountId(account.accountId);
    const played = stores.lock(act.world, characterLockKey(accountId))?.charId;
    const charId = (act.what === "kick" ? played : undefined) ?? account.charIds[act.world][act.slot];
    // A client may have deleted the character. Nothing happens then.
    const listed = await stores.sound.database.characters.list({ accountId, world: act.world });
    const name = listed.find((each) => each.charId === charId)?.name;
    if (name === undefined) return;
    const { id, what } = act;
    observer.see({ type: "operator-began", id, accountId, what }, loop.nowMs);
    const { changes, playerOrders } = char;
    const done = await orUnavailable(silentLog(), () => acts[what]({ changes, playerOrders }, name));
    observer.see({ type: "operator-ended", id, refusal: done.ok ? null : done.refusal }, loop.nowMs);
  }
}

type AtChar = Pick<NonNullable<ReturnType<Cluster["charServerOf"]>>, "changes" | "playerOrders">;
const acts: {
  readonly [W in PlannedAct["what"]]: (at: AtChar, name: string) => Promise<Outcome<unknown, string>>;
} = {
  rename: ({ changes }, name) =>
    changes.rename(name, name.endsWith("_new") ? name.slice(0, -4) : `${name}_new`),
  move: ({ changes }, name) => changes.move(name, { map: "north", x: 3, y: 3 }),
  kick: ({ playerOrders }, name) => playerOrders.kick(name, ""),
};
