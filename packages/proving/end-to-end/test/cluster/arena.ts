import type { AccountId, CharId, Position } from "@sallyport/domain";
import { addCharacter } from "./crowd.ts";
import { Gate } from "./gate.ts";
import { latePairs } from "./late-pairs.ts";
import { LockWatch } from "./lock-watch.ts";
import { type TestAccount, TestCluster } from "./test-cluster.ts";
import { Walker, wayIn } from "./walker.ts";

const forest: Position = { map: "forest", x: 41, y: 56 };

/**
 * One account with a character in the harbour and one in the forest, which are on different map-servers. Somebody
 * stands on either map and sees who of them is there; another looks at the locks after every change.
 */
export class Arena {
  readonly watch = new LockWatch();
  readonly gate = new Gate();
  /** How many turns of the event loop whatever is sent next will be late; what the onlookers see never is. */
  turns = (): number => 0;
  #isLate = true;
  cluster!: TestCluster;
  account!: TestAccount;
  accountId!: AccountId;
  /** Characters of the account that are in the world now. */
  readonly seen = new Set<CharId>();
  readonly seenTogether: CharId[][] = [];
  readonly #watchers: Walker[] = [];

  static async open(secondLogin: "reject" | "takeover"): Promise<Arena> {
    const arena = new Arena();
    const cluster = await TestCluster.start({
      secondLogin,
      stores: arena.watch.stores,
      mapServers: [],
      pair: latePairs(() => (arena.#isLate ? () => arena.turns() : () => 0)),
      around: arena.gate.around,
    });
    arena.cluster = cluster;
    await cluster.startMap("map-1", { maps: ["harbour"] });
    await cluster.startMap("map-2", { maps: ["forest"] });
    arena.account = await cluster.account();
    await addCharacter(cluster, arena.account, { slot: 1, position: forest });
    const found = await cluster.accounts.findByName(arena.account.name);
    if (found === null) throw new Error("the account is gone");
    arena.accountId = found.accountId;
    await arena.#standBy(0);
    await arena.#standBy(1);
    return arena;
  }

  /** Locks of the account, of either tier. */
  get locks(): number {
    const { account, character } = this.watch.of(this.accountId);
    return Number(account !== null) + Number(character !== null);
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) await watcher.go("leave");
    await this.cluster.stop();
  }

  /** In the harbour with a character in slot 0, or in the forest with one in slot 1. */
  async #standBy(slot: number): Promise<void> {
    const { cluster, seen, seenTogether, accountId } = this;
    const own = await cluster.characters.list({ accountId, world: "Alpha" });
    const account = await cluster.account();
    await addCharacter(cluster, account, { slot: 1, position: forest });
    const watcher = new Walker(cluster, account, { slot });
    this.#isLate = false;
    await watcher.go(...wayIn);
    this.#isLate = true;
    this.#watchers.push(watcher);
    watcher.map?.on((event) => {
      if (event.type === "actor.vanished") seen.delete(event.charId);
      if (event.type !== "actor.appeared" || !own.some(({ charId }) => charId === event.charId)) return;
      seen.add(event.charId);
      if (seen.size > 1) seenTogether.push([...seen]);
    });
  }
}
