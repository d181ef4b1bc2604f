import type { Presence } from "@sallyport/cluster-protocol";
import type { Clock } from "@sallyport/link";
import { type Directory, publishPeriodMs } from "./directory.ts";

const lookPeriodMs = 250;

/** A pino logger is one. */
export interface PublisherLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Publishes as far as that succeeds, and never fails: whoever is not on the list works on. One line as it begins to fail,
 * and one as it succeeds again.
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

  /** At once, from then on, and soon after its links or its state change; what stops it takes it off the list. */
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
      if (this.#isFailing) this.#log.info({}, "the directory is told again who is up");
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.#log.warn(
          { err: error },
          "cannot tell the directory who is up; operators and gateways do not see it",
        );
      }
      this.#isFailing = true;
    }
  }
}

/** What an operator who has just mended it looks for; players come and go all the time. */
const standingOf = ({ state, links }: Presence): string => JSON.stringify([state, links]);
