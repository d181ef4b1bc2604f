import type { Dialect } from "@sallyport/dialects";
import { nativeMapDoor } from "@sallyport/dialects/native";
import type { AccountId, CharId, EventOf, MapDoor, Position } from "@sallyport/domain";
import { addCharacter } from "./crowd.ts";
import { Gate } from "./gate.ts";
import { latePairs } from "./late-pairs.ts";
import { LockWatch } from "./lock-watch.ts";
import { type TestAccount, TestCluster } from "./test-cluster.ts";
import { Walker, wayIn } from "./walker.ts";

const forest: Position = { map: "forest", x: 41, y: 56 };

/**
 * One account with a character in the harbour and a character in the forest, on different map-servers. An
 * onlooker stands on each map and records which of the two characters it sees. A `LockWatch` checks the locks
 * after every change.
 */
export class Arena {
  readonly watch = new LockWatch();
  readonly gate = new Gate();
  /**
   * Returns the number of event loop turns by which the next message is delayed. Messages to the onlookers
   * are never delayed.
   */
  turns = (): number => 0;
  #isLate = true;
  cluster!: TestCluster;
  account!: TestAccount;
  accountId!: AccountId;
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
      mapDialect: () => (arena.#isLate ? nativeMapDoor : arena.#onlooking),
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

  get locks(): number {
    const { account, character } = this.watch.of(this.accountId);
    return Number(account !== null) + Number(character !== null);
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) await watcher.go("leave");
    await this.cluster.stop();
  }

  /** Places an onlooker in the harbour (slot 0) or the forest (slot 1). */
  async #standBy(slot: number): Promise<void> {
    const { cluster } = this;
    const account = await cluster.account();
    await addCharacter(cluster, account, { slot: 1, position: forest });
    const watcher = new Walker(cluster, account, { slot });
    this.#isLate = false;
    await watcher.go(...wayIn);
    this.#isLate = true;
    this.#watchers.push(watcher);
  }

  /**
   * Records what the server sends to an onlooker, at the moment when it is sent. The client gets it a little
   * later.
   */
  readonly #onlooking: Dialect<MapDoor> = {
    ...nativeMapDoor,
    open: (nowMs) => {
      const stream = nativeMapDoor.open(nowMs);
      const event = stream.event.bind(stream);
      stream.event = (shown, atMs) => {
        this.#see(shown);
        event(shown, atMs);
      };
      return stream;
    },
  };

  #see(event: EventOf<MapDoor>): void {
    if (event.type === "actor.vanished") this.seen.delete(event.charId);
    if (event.type !== "actor.appeared" || event.accountId !== this.accountId) return;
    this.seen.add(event.charId);
    if (this.seen.size > 1) this.seenTogether.push([...this.seen]);
  }
}
