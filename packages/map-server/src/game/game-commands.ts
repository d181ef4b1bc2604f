import {
  accepted,
  type CommonRefusal,
  type MapDoor,
  type Outcome,
  refused,
  refusedWith,
} from "@sallyport/domain";
import type { Visit } from "@sallyport/server-kit";
import { isIn, type Player } from "../player.ts";
import type { Population } from "../population.ts";
import type { RunningGame } from "./running-game.ts";

type GameCommand = "map.click" | "map.take" | "dialogue.answer" | "shop.buy" | "game.command";
type Handlers = Pick<Visit<MapDoor>["handlers"], GameCommand>;
type Answer<R extends string> = { readonly ok: true } | { readonly ok: false; readonly refusal: R };
type Done<R extends string> = Outcome<Record<never, never>, R | CommonRefusal>;

/** A command that comes during a hop can be repeated after this pause. Most hops are shorter. */
const hopRetryMs = 500;

/** Handles the commands of a client that its game answers. */
export function gameCommands(inWorld: () => Player | null, population: Population): Handlers {
  /** `none` is the refusal without a game. */
  const ask = <R extends string, N extends R>(
    none: N,
    asked: (game: RunningGame, player: Player) => Answer<R>,
  ): Done<R> => {
    const player = inWorld();
    if (player === null) return refused("out-of-order");
    if (isIn(player, "hopping")) return refused("unavailable", hopRetryMs);
    const game = population.gameOf(player);
    if (game === undefined) return refused(none);
    const answer = asked(game, player);
    return answer.ok ? accepted({}) : refused(answer.refusal);
  };
  return {
    "map.click": async ({ actor }) => ask("no-such-actor", (game, player) => game.click(player, actor)),
    "map.take": async ({ actor }) => ask("no-such-actor", (game, player) => game.take(player, actor)),
    "dialogue.answer": async ({ actor, answer }) =>
      ask("no-dialogue", (game, player) => game.answer(player, actor, answer)),
    "game.command": async ({ name, body }) => {
      const player = inWorld();
      if (player === null) return refused("out-of-order");
      if (isIn(player, "hopping")) return refused("unavailable", hopRetryMs);
      const game = population.gameOf(player);
      if (game === undefined) return refused("unknown-command");
      const answer = game.command(player, name, body);
      if (answer.ok) return accepted({});
      if (answer.refusal === "too-many") return refused("too-many", answer.retryAfterMs);
      if (answer.refusal === "refused") return refusedWith("refused", answer.word);
      return answer.refusal === "invalid" ? refusedWith("invalid", answer.problem) : refused(answer.refusal);
    },
    "shop.buy": async ({ actor, goods }) => ask("no-shop", (game, player) => game.buy(player, actor, goods)),
  };
}
