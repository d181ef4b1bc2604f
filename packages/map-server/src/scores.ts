import { retry } from "@sallyport/clock";
import type { Score } from "@sallyport/domain";
import type { Host } from "@sallyport/server-kit";
import type { CharLink } from "./char-link.ts";
import { isIn, marksOf, type Player } from "./player.ts";

/** At most this many scores of this server wait, over all players. */
export const scoresWaitingMax = 1_000;
/** At most this many scores of one player wait. */
export const scoresOfPlayerMax = 20;
const retryMs = 500;
/** A hop raises the fence, so it first waits this long at most for the scores of its player. */
const settleMs = 2_000;
/** For this time after the player is gone, a score is sent again. */
const afterGoneMs = 30_000;
const stopMs = 5_000;

type OwnerRequests = Pick<CharLink, "isUp" | "enter" | "save" | "hop" | "leave">;

/**
 * The scores that the game submitted and the char-server has not stored yet. A score is sent again under the
 * same key until its outcome is known, also while the char-server is away. It is given up in four cases. 1: the
 * fence of the character was raised meanwhile. 2: the player has been gone for 30 s. 3: too many scores wait.
 * 4: this server stops. Each of these writes one line to the log.
 */
export class Scores {
  readonly #host: Pick<Host, "clock" | "log" | "randomBytes" | "failed">;
  readonly #link: Pick<CharLink, "submitScore">;
  readonly #sending = new Map<Player, Set<Promise<void>>>();
  #count = 0;
  #isOver = false;

  constructor(
    host: Pick<Host, "clock" | "log" | "randomBytes" | "failed">,
    link: Pick<CharLink, "submitScore">,
  ) {
    this.#host = host;
    this.#link = link;
  }

  submit(player: Player, score: Score): void {
    const sending = this.#sending.get(player) ?? new Set();
    if (this.#isOver) return this.#givenUp(player, score, "this server stopped");
    if (this.#count >= scoresWaitingMax)
      return this.#givenUp(player, score, `${scoresWaitingMax} scores wait already`);
    if (sending.size >= scoresOfPlayerMax)
      return this.#givenUp(player, score, `${scoresOfPlayerMax} scores of this player wait already`);
    this.#sending.set(player, sending);
    this.#count += 1;
    const sent = this.#send(player, score).catch(this.#host.failed);
    sending.add(sent);
    void sent.then(() => {
      this.#count -= 1;
      sending.delete(sent);
      if (sending.size === 0) this.#sending.delete(player);
    });
  }

  /** The requests of an owner. Those that end its ownership wait for the scores of the player. */
  before(link: OwnerRequests): OwnerRequests {
    const first = <T>(player: Player, ask: () => Promise<T>): Promise<T> => {
      const sending = this.#sending.get(player);
      return sending === undefined ? ask() : this.#settled(sending, settleMs).then(ask);
    };
    return {
      get isUp() {
        return link.isUp;
      },
      enter: (player) => link.enter(player),
      save: (player, save) => link.save(player, save),
      hop: (player, save) => first(player, () => link.hop(player, save)),
      leave: (player, to, save) => first(player, () => link.leave(player, to, save)),
    };
  }

  /** Waits until the scores that wait are stored, for 5 s at most. */
  async stop(): Promise<void> {
    const all = [...this.#sending.values()].flatMap((sending) => [...sending]);
    if (all.length > 0) await this.#settled(all, stopMs);
    this.#isOver = true;
  }

  /** Resolves when all outcomes are known, or after this many milliseconds. */
  #settled(sending: Iterable<Promise<void>>, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stopWaiting = this.#host.clock.after(withinMs, resolve);
      void Promise.all(sending).then(() => {
        stopWaiting();
        resolve();
      });
    });
  }

  async #send(player: Player, score: Score): Promise<void> {
    const { clock, randomBytes } = this.#host;
    const key = Buffer.from(randomBytes(16)).toString("hex");
    let goneSinceMs: number | null = null;
    const isLate = (): boolean => {
      if (isIn(player, "gone")) goneSinceMs ??= clock.nowMs();
      return goneSinceMs !== null && clock.nowMs() - goneSinceMs >= afterGoneMs;
    };
    const ask = async () => (this.#isOver || isLate() ? null : this.#link.submitScore(player, key, score));
    const answer = await retry(clock, ask, (told) =>
      told === null || told.ok || told.refusal === "lock-lost" ? null : retryMs,
    );
    if (answer?.ok) return;
    const away = this.#isOver ? "this server stopped" : "the char-server did not answer";
    this.#givenUp(player, score, answer?.refusal ?? away);
  }

  #givenUp(player: Player, { board }: Score, why: string): void {
    this.#host.log.warn({ ...marksOf(player), board, why }, "a score was not submitted");
  }
}
