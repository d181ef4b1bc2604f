import {
  delay,
  type EndReason,
  type Game,
  type Outcome,
  type Refusal,
  systemClock,
} from "@sallyport/sdk/node";

/** After these ends nobody else asked for the end, so the program may come back by itself. */
export const comesBack: ReadonlySet<EndReason> = new Set<EndReason>([
  "disconnected",
  "server-stopping",
  "cluster-link-lost",
  "timed-out",
  "save-failed",
]);

/** These refusals may be over soon, even if the server names no time. */
const passing: ReadonlySet<Refusal> = new Set<Refusal>([
  "unreachable",
  "disconnected",
  "unanswered",
  "unavailable",
  "not-expected",
]);

type Enter = () => Promise<Outcome<Game, Refusal>>;

/** Plays until the player leaves, another login takes over, or ten attempts to come back have failed. */
export async function stayInGame(enter: Enter, play: (game: Game) => void): Promise<EndReason | Refusal> {
  for (;;) {
    const entered = await enterSoon(enter);
    if (!entered.ok) return entered.refusal;
    play(entered.value);
    const { reason } = await entered.value.closed;
    if (!comesBack.has(reason)) return reason;
  }
}

async function enterSoon(enter: Enter): Promise<Outcome<Game, Refusal>> {
  for (let attempt = 1; ; attempt += 1) {
    const entered = await enter();
    if (entered.ok || attempt === 10) return entered;
    const { refusal, retryAfterMs } = entered;
    if (retryAfterMs === undefined && !passing.has(refusal)) return entered;
    // The players of a lost server must not all come back at the same moment.
    const waitMs = Math.min(250 * 2 ** attempt, 15_000) * (0.75 + Math.random() / 2);
    await delay(systemClock, Math.max(waitMs, retryAfterMs ?? 0));
  }
}
