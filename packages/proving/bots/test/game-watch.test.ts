import { CharId } from "@sallyport/domain";
import { type Game, type GameEvent, systemClock } from "@sallyport/sdk";
import { expect, it } from "vitest";
import { GameWatch } from "../src/game-watch.ts";

/** Creates a game whose events come from the test. */
function toldGame() {
  const charId = CharId(1);
  let tell: (event: GameEvent) => void = () => {};
  const game = {
    charId,
    position: { map: "yard", x: 1, y: 1 },
    closed: new Promise(() => {}),
    isOpen: true,
    on: (listener: typeof tell) => {
      tell = listener;
    },
  };
  const watch = new GameWatch(game as unknown as Game, systemClock);
  const steps = (x: number, y: number): void => {
    game.position = { ...game.position, x, y };
    tell({ type: "actor.moved", charId, x, y });
  };
  return { watch, steps, changes: () => tell({ type: "map.changed" } as GameEvent) };
}

it("a walk to a floor cell ends when the player stands there", () => {
  const { watch, steps } = toldGame();
  watch.aim({ x: 1, y: 3, isWarp: false });
  steps(1, 2);
  expect(watch.hasArrived).toBe(false);
  steps(1, 3);
  expect(watch.hasArrived).toBe(true);
});

it("a walk to a warp ends when the player is on the other map, at any cell", () => {
  const { watch, steps, changes } = toldGame();
  watch.aim({ x: 1, y: 2, isWarp: true });
  steps(1, 2);
  expect(watch.hasArrived).toBe(false);
  changes();
  expect(watch.hasArrived).toBe(true);
});
