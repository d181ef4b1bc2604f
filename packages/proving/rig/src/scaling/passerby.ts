import type { Stop } from "@sallyport/bots";
import { type Credentials, describeRefusal } from "@sallyport/sdk";
import type { Account, Entrance, Player, Target, Visitor } from "../players/player.ts";

export interface PasserbyOptions {
  /** The passer-by begins at the entrance of this number, and takes the next one at each visit. */
  readonly nth: number;
  readonly entrances: readonly [Entrance, ...Entrance[]];
  readonly from: string;
  readonly credentials: Credentials;
  readonly warp: Target;
  readonly stepMs: number;
  readonly stop: Stop;
}

export interface PasserbyReport {
  /** The protocol of each visit that ended in good order. */
  readonly visits: readonly string[];
  /** What was refused for more than a moment, or ended before its time, by protocol and call. */
  readonly refusals: readonly { readonly kind: string; readonly answer: string }[];
}

const answerMs = 60_000;
const betweenMs = 300;
const stayMs = 1_000;

/** A player that comes and goes by the protocols of fronts and by the A series, to one account. */
export class Passerby {
  readonly #options: PasserbyOptions;
  readonly #account: Account;
  readonly #visits: string[] = [];
  readonly #refusals: PasserbyReport["refusals"][number][] = [];

  constructor(options: PasserbyOptions) {
    this.#options = options;
    const name = `passer_${options.nth}`;
    const { registersEmail } = this.#entrance(0).protocol;
    const login = registersEmail ? `${name}@example.org` : name;
    this.#account = { login, password: `${name} goes by`, character: name };
  }

  get report(): PasserbyReport {
    return { visits: this.#visits, refusals: this.#refusals };
  }

  async run(): Promise<void> {
    const { stop } = this.#options;
    const first = this.#entrance(0);
    while (!stop.isAsked && !(await first.protocol.register(this.#visitorAt(first))).ok)
      await stop.wait(betweenMs);
    for (let visit = 0; !stop.isAsked; visit += 1) {
      await this.#visit(this.#entrance(visit));
      await stop.wait(betweenMs);
    }
  }

  async #visit(entrance: Entrance): Promise<void> {
    const { stop, warp } = this.#options;
    const entered = await entrance.protocol.enter(this.#visitorAt(entrance));
    if (!entered.ok) return;
    const player: Player = entered.value;
    // In a room a character that has just come has had no time for any way.
    await stop.wait(betweenMs);
    await player.walk?.(warp);
    await player.say("hello");
    await stop.wait(stayMs);
    const { isIn } = player;
    const left = await player.leave();
    if (isIn && left.ok) this.#visits.push(entrance.protocol.name);
    else this.#refused(entrance, "stay", "disconnected");
    player.destroy();
  }

  #refused({ protocol }: Entrance, call: string, answer: string): void {
    this.#refusals.push({ kind: `${protocol.name}: ${call}`, answer });
  }

  #entrance(visit: number): Entrance {
    const { entrances, nth } = this.#options;
    return entrances[(nth + visit) % entrances.length] ?? entrances[0];
  }

  #visitorAt(entrance: Entrance): Visitor {
    const { from, credentials, stop, stepMs } = this.#options;
    return {
      ...{ account: this.#account, entrance, from, credentials, stop, stepMs, answerMs },
      ask: async (call, asked) => {
        const outcome = await asked;
        if (!outcome.ok && !isPassing(entrance, outcome.refusal))
          this.#refused(entrance, call, outcome.refusal);
        return outcome;
      },
      heard: () => {},
      listed: () => {},
    };
  }
}

/**
 * Refusals that pass: a map without a host for a moment, a walk while the character is handed over, or too many
 * logins at once. Protocols tell of them in their words, if they have any.
 */
const isPassing = ({ protocol: { busyWords } }: Entrance, refusal: string): boolean =>
  passing.has(refusal) || busyWords.includes(refusal);
const passing: ReadonlySet<string> = new Set(
  (["map-unavailable", "unavailable", "busy"] as const).flatMap((refusal) => {
    const sentence = describeRefusal(refusal);
    return [refusal, sentence, `SERVER: [ ALERT ] ${sentence}`];
  }),
);
