import type { Clock } from "@sallyport/clock";
import type { Presence } from "@sallyport/cluster-protocol";
import { type Directory, publishPeriodMs } from "./directory.ts";

const lookPeriodMs = 250;

export interface PublisherLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Publishes presences. Its methods never reject, because a server also works if it is not listed. It logs
 * when publishing begins to fail, and when it succeeds again.
 */
export class Publisher {
  readonly #directory: Directory;
  readonly #log: PublisherLog;
  #isFailing = false;

  constructor(directory: Directory, log: PublisherLog) {
    this.#directory = directory;
    this.#log = log;
  }

  async publish(presence: Presence): Promise<void> {
    await this.#try(() => this.#directory.publish(presence));
  }

  async withdraw(presence: Presence): Promise<void> {
    await this.#try(() => this.#directory.withdraw(presence));
  }

  /**
   * Publishes at once, then periodically, and soon after `links` or `state` changes. The returned function
   * stops publishing and removes the presence.
   */
  keepPublishing(presence: () => Presence, clock: Clock): () => Promise<void> {
    let underWay: Promise<void> | null = null;
    let told = "";
    const publish = (): void => {
      if (underWay !== null) return;
      const now = presence();
      told = standingOf(now);
      underWay = this.publish(now).finally(() => {
        underWay = null;
      });
    };
    publish();
    const stopPublishing = clock.every(publishPeriodMs, publish);
    const stopLooking = clock.every(lookPeriodMs, () => {
      if (standingOf(presence()) !== told) publish();
    });
    return async () => {
      stopPublishing();
      stopLooking();
      await underWay;
      await this.withdraw(presence());
    };
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      if (this.#isFailing) this.#log.info({}, "the list of servers can be updated again");
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.#log.warn(
          { err: error },
          "cannot update the list of servers; operators and gateways do not see this server",
        );
      }
      this.#isFailing = true;
    }
  }
}

/** A change of these fields is published soon, because operators watch these fields after a repair. */
const standingOf = ({ state, links }: Presence): string => JSON.stringify([state, links]);
