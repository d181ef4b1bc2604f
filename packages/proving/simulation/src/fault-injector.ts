import type { Cluster } from "./cluster.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Fact, Observer } from "./facts.ts";
import { healthyNetworkMs, healthyStoreMs } from "./latencies.ts";
import type { Network } from "./network.ts";
import type { Fault } from "./planned.ts";
import type { SimulatedStores } from "./simulated-stores.ts";

export interface InjectorOptions {
  readonly loop: EventLoop;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly stores: SimulatedStores;
  readonly note: (text: string) => void;
  readonly observer: Observer;
}

/** Starts the planned failures at their times. `heal` ends all of them. */
export class FaultInjector {
  readonly #options: InjectorOptions;
  #isOver = false;

  constructor(options: InjectorOptions) {
    this.#options = options;
  }

  schedule(faults: readonly Fault[]): void {
    for (const fault of faults) {
      this.#options.loop.after(fault.atMs, () => {
        if (this.#isOver) return;
        this.#options.note(JSON.stringify(fault));
        // A failure at a boundary begins only when the server reaches that boundary.
        if (!("boundary" in fault)) this.#see({ type: "struck", fault });
        this.#inject(fault);
      });
    }
  }

  /** Ends all planned failures, and starts the servers that are down. */
  heal(): void {
    this.#isOver = true;
    const { cluster, network, stores } = this.#options;
    network.latencyMs = healthyNetworkMs;
    for (const service of Object.values(stores.services)) {
      service.failing = 0;
      service.straggling = 0;
      service.givenUp = { all: 0, edits: 0 };
      service.latencyMs = healthyStoreMs;
    }
    network.unblockAll();
    cluster.endPretender();
    cluster.disks.heal();
    for (const name of cluster.names) {
      cluster.processOf(name)?.stopAtBoundary(Number.POSITIVE_INFINITY, () => {});
      cluster.processOf(name)?.resume();
      cluster.start(name);
    }
    this.#see({ type: "healed" });
  }

  #inject(fault: Fault): void {
    const { cluster, network, stores } = this.#options;
    switch (fault.kind) {
      case "crash":
        return this.#crash(fault);
      case "crash-at-boundary":
        cluster.processOf(fault.server)?.stopAtBoundary(fault.boundary, (where) => {
          this.#options.note(`${fault.server} dies at ${where}`);
          this.#see({ type: "struck", fault });
          this.#crash(fault);
        });
        return;
      case "stop": {
        // The server may still be stopping when all planned failures are over.
        const again = (): void =>
          this.#isOver
            ? cluster.start(fault.server)
            : this.#later(fault.downMs, () => cluster.start(fault.server));
        const { how, drainMs } = fault;
        void cluster.stop(fault.server, how, drainMs).then(again);
        return;
      }
      case "pause":
        return this.#pause(fault);
      case "pause-at-boundary":
        cluster.processOf(fault.server)?.stopAtBoundary(fault.boundary, (where) => {
          this.#options.note(`${fault.server} stands still at ${where}`);
          this.#see({ type: "struck", fault });
          this.#pause(fault);
        });
        return;
      case "cut":
        return network.reset(fault.between);
      case "block": {
        const ways = fault.isBothWays
          ? [[fault.from, fault.to] as const, [fault.to, fault.from] as const]
          : [[fault.from, fault.to] as const];
        for (const way of ways) network.block(...way);
        this.#later(fault.forMs, () => {
          for (const way of ways) network.unblock(...way);
        });
        return;
      }
      case "store": {
        const service = stores.services[fault.store];
        service.failing = fault.failing;
        service.latencyMs = [0.1, fault.slowMs];
        this.#later(fault.forMs, () => {
          service.failing = 0;
          service.latencyMs = healthyStoreMs;
        });
        return;
      }
      case "stragglers": {
        const { database } = stores.services;
        database.straggling = fault.share;
        this.#later(fault.forMs, () => {
          database.straggling = 0;
        });
        return;
      }
      case "given-up": {
        const { database } = stores.services;
        database.givenUp[fault.of] = fault.share;
        this.#later(fault.forMs, () => {
          database.givenUp[fault.of] = 0;
        });
        return;
      }
      case "disk":
        cluster.disks.fail(fault.server, fault.fails);
        this.#later(fault.forMs, () => cluster.disks.fail(fault.server, null));
        return;
      case "store-clock":
        for (const tier of fault.tiers) stores.clocks[tier].jump(fault.byMs);
        return;
      case "wall-clock":
        return cluster.setWallClock(fault.server, fault.aheadMs);
      case "locks-lost":
        for (const tier of fault.tiers) {
          const locks = stores.losable[tier];
          if (fault.newestMs === null) locks.empty();
          else {
            locks.lag();
            this.#later(fault.newestMs, () => locks.failOver());
          }
        }
        return;
      case "pretender":
        cluster.startPretender();
        this.#later(fault.forMs, () => cluster.endPretender());
        return;
      case "slow-network":
        network.latencyMs = [0.2, fault.slowMs];
        this.#later(fault.forMs, () => {
          network.latencyMs = healthyNetworkMs;
        });
        return;
    }
  }

  #crash({ server, how, downMs }: Extract<Fault, { kind: "crash" | "crash-at-boundary" }>): void {
    const { cluster } = this.#options;
    cluster.kill(server, how);
    this.#later(downMs, () => cluster.start(server));
  }

  #pause({ server, forMs }: Extract<Fault, { kind: "pause" | "pause-at-boundary" }>): void {
    const process = this.#options.cluster.processOf(server);
    process?.pause();
    this.#later(forMs, () => process?.resume());
  }

  #see(fact: Fact): void {
    this.#options.observer.see(fact, this.#options.loop.nowMs);
  }

  #later(delayMs: number, run: () => void): void {
    this.#options.loop.after(delayMs, () => {
      if (!this.#isOver) run();
    });
  }
}
