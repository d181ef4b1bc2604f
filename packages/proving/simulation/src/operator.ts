import { AccountId, type Outcome, refused } from "@sallyport/domain";
import { accountLockKey, characterLockKey } from "@sallyport/lock-core";
import type { Random } from "@sallyport/random";
import { orUnavailable, silentLog } from "@sallyport/server-kit";
import { cheapHasher } from "./cheap-passwords.ts";
import type { Cluster } from "./cluster.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Fact, Observer } from "./facts.ts";
import type { PlannedAct } from "./planned.ts";
import type { SimulatedAccount } from "./population.ts";
import type { SimulatedStores } from "./simulated-stores.ts";
import type { Topology } from "./topology.ts";

/**
 * An operator renames, moves and kicks characters, whoever plays them, and bans accounts, puts them out, and
 * changes their roles and passwords.
 */

export interface OperatorOptions {
  readonly loop: EventLoop;
  readonly cluster: Cluster;
  readonly stores: SimulatedStores;
  readonly observer: Observer;
  readonly accounts: readonly SimulatedAccount[];
  /** For the salts of new passwords. */
  readonly random: Random;
}

/** Made once, because a log asks the machine for the time when it is made. */
const silent = silentLog();
const whats = ["rename", "move", "kick", "ban", "ban", "put-out", "role"] as const;

interface Drawing {
  readonly topology: Topology;
  readonly accounts: number;
  readonly calmMs: number;
}

export function drawActs(random: Random, of: Drawing): readonly PlannedAct[] {
  if (!random.chance(0.5)) return [];
  return drawSome(random, of, { name: "act", whats });
}

/** Drawn separately, because only some seeds have them. */
export const drawPasswordActs = (random: Random, of: Drawing): readonly PlannedAct[] =>
  drawSome(random, of, { name: "password", whats: ["password", "password-end"] });

function drawSome(
  random: Random,
  of: Drawing,
  { name, whats: some }: { readonly name: string; readonly whats: readonly PlannedAct["what"][] },
): readonly PlannedAct[] {
  return Array.from({ length: 1 + random.below(5) }, (_, index) => {
    const atMs = random.between(500, of.calmMs * 0.9);
    return {
      id: `${name}-${index}`,
      atMs,
      // All bans end before clients come back for good.
      forMs: Math.min(random.between(200, of.calmMs), of.calmMs * 0.98 - atMs),
      isTold: random.chance(0.7),
      what: random.pick(some),
      account: random.below(of.accounts),
      world: random.pick(of.topology.worlds),
      slot: random.below(2),
    };
  });
}

/** A ban of which no server is told has to be found first. */
const dueAfterMs = { told: 400, found: 3_000 };

export class Operator {
  readonly #options: OperatorOptions;
  readonly #banned = new Set<AccountId>();

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  schedule(acts: readonly PlannedAct[]): void {
    for (const act of acts) this.#options.loop.after(act.atMs, () => void this.#act(act));
  }

  async #act(act: PlannedAct): Promise<void> {
    const { loop, observer, cluster, stores, accounts } = this.#options;
    const account = accounts[act.account];
    if (account === undefined) return;
    const accountId = AccountId(account.accountId);
    if (act.what === "password" || act.what === "password-end")
      return this.#setPassword(act, this.#inPlay(act.account) ?? account);
    if (act.what === "ban" || act.what === "put-out" || act.what === "role")
      return this.#order(act.what, act, AccountId((this.#inPlay(act.account) ?? account).accountId));
    const char = cluster.charServerOf(act.world);
    if (char === null) return;
    const played = stores.lock(act.world, characterLockKey(accountId))?.charId;
    const charId = (act.what === "kick" ? played : undefined) ?? account.charIds[act.world][act.slot];
    // A client may have deleted the character. Nothing happens then.
    const listed = await stores.sound.database.characters.list({ accountId, world: act.world });
    const name = listed.find((each) => each.charId === charId)?.name;
    if (name === undefined) return;
    const { id, what } = act;
    observer.see({ type: "operator-began", id, accountId, what }, loop.nowMs);
    const { changes, playerOrders } = char;
    const done = await orUnavailable(silent, () => acts[what]({ changes, playerOrders }, name));
    observer.see({ type: "operator-ended", id, refusal: done.ok ? null : done.refusal }, loop.nowMs);
  }

  /** Returns the next account that a char-server holds. An order about such an account has more to do. */
  #inPlay(from: number): SimulatedAccount | null {
    const { accounts, stores } = this.#options;
    const all = [...accounts.slice(from), ...accounts.slice(0, from)];
    const isHeld = ({ accountId }: SimulatedAccount) =>
      stores.lock("login", accountLockKey(accountId))?.state === "held";
    return all.find(isHeld) ?? null;
  }

  /** Sets a password like the program of an operator: first in the database, then the older login ends. */
  async #setPassword({ id, what }: PlannedAct, { name, accountId: number, passwords }: SimulatedAccount) {
    const { loop, observer, cluster, stores, random } = this.#options;
    const { accounts } = stores.sound.database;
    const accountId = AccountId(number);
    const see = (fact: Fact): void => observer.see(fact, loop.nowMs);
    const replaced = (await accounts.findByName(name))?.credential;
    const password = passwords.next();
    const hashed = await cheapHasher((bytes) => random.bytes(bytes)).createCredential(password);
    if (replaced === undefined || !hashed.ok) throw new Error(`${name} got no new password`);
    const { value: credential } = hashed;
    const endsLogins = what === "password-end";
    if (endsLogins) see({ type: "operator-began", id, accountId, what });
    const changed = await accounts.changePassword({ accountId, replaced, credential, endsLogins });
    if (!changed.ok) throw new Error(`${name} got another password meanwhile`);
    see({ type: "password-stored", accountId, credential });
    passwords.stored(password);
    if (!endsLogins) return;
    const { fence } = changed.value;
    see({ type: "account-raised", accountId, fence });
    const at = cluster.anyLoginServer();
    await at?.endLogins(accountId, fence);
    see({ type: "operator-ended", id, refusal: at === null ? "unavailable" : null });
  }

  /** Writes to the database like a program of its own. Servers may be told, or have to find it. */
  async #order(what: "ban" | "put-out" | "role", act: PlannedAct, accountId: AccountId) {
    const { id, forMs, isTold } = act;
    const { loop, observer, cluster, stores } = this.#options;
    const { accounts } = stores.sound.database;
    const ended = (refusal: string | null = null): void =>
      observer.see({ type: "operator-ended", id, refusal }, loop.nowMs);
    if (what === "ban" && this.#banned.has(accountId)) return;
    const told = isTold ? cluster.anyLoginServer() : null;
    observer.see({ type: "operator-began", id, accountId, what }, loop.nowMs);
    if (what === "role") {
      await accounts.setRole({ accountId, role: "gamemaster" });
      told?.orderGiven();
      return ended();
    }
    if (what === "put-out") {
      const kick = { reason: "kicked", untilMs: null, text: "take a break" } as const;
      const at = cluster.anyLoginServer();
      const put = await orUnavailable<Outcome<unknown, string>>(silent, async () =>
        at === null ? refused("unavailable") : at.putOut(accountId, kick),
      );
      return ended(put.ok ? null : put.refusal);
    }
    this.#banned.add(accountId);
    await accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY });
    told?.orderGiven();
    const dueMs = told === null ? dueAfterMs.found : dueAfterMs.told;
    if (dueMs < forMs) loop.after(dueMs, () => observer.see({ type: "ban-due", id }, loop.nowMs));
    loop.after(forMs, () => void this.#lift(accountId).then(ended));
  }

  async #lift(accountId: AccountId): Promise<null> {
    await this.#options.stores.sound.database.accounts.setBan({ accountId, untilMs: null });
    this.#banned.delete(accountId);
    return null;
  }
}

type AtChar = Pick<NonNullable<ReturnType<Cluster["charServerOf"]>>, "changes" | "playerOrders">;
const acts: {
  readonly [W in "rename" | "move" | "kick"]: (at: AtChar, name: string) => Promise<Outcome<unknown, string>>;
} = {
  rename: ({ changes }, name) =>
    changes.rename(name, name.endsWith("_new") ? name.slice(0, -4) : `${name}_new`),
  move: ({ changes }, name) => changes.move(name, { map: "north", x: 3, y: 3 }),
  kick: ({ playerOrders }, name) => playerOrders.kick(name, ""),
};
