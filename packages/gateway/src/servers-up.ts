import type { Directory, Presence } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import type { Host, LogLines } from "@sallyport/server-kit";

const lookEveryMs = 1_000;

/**
 * The servers that are up, according to the last answer of the directory. The answer can be old or wrong. It
 * then does little harm, because failed attempts to connect also show which servers are down.
 */
export class ServersUp {
  readonly #directory: Pick<Directory, "list">;
  readonly #log: LogLines;
  readonly #stopLooking: () => void;
  #servers: readonly Presence[] = [];
  #looking: Promise<void> | null = null;
  #isAway = false;

  constructor({ clock, log }: Pick<Host, "clock" | "log">, directory: Pick<Directory, "list">) {
    this.#directory = directory;
    this.#log = log;
    this.#stopLooking = clock.every(lookEveryMs, () => void this.look());
    void this.look();
  }

  get servers(): readonly Presence[] {
    return this.#servers;
  }

  /** Whether the directory answered the last query. */
  get isTold(): boolean {
    return !this.#isAway;
  }

  /** Asks the directory which servers are up. Resolves even if the directory does not answer. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  stop(): void {
    this.#stopLooking();
  }

  async #look(): Promise<void> {
    try {
      this.#servers = await this.#directory.list();
      if (this.#isAway) this.#log.info({}, "the list of servers can be read again");
      this.#isAway = false;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      if (!this.#isAway)
        this.#log.warn({ err: error }, "the list of servers cannot be read; using its last copy");
      this.#isAway = true;
    }
  }
}
