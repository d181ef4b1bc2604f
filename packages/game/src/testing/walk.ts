import { distanceCells } from "@sallyport/domain";
import { defaultMapSettings, type Player } from "@sallyport/map-server/testing";
import type { Cell } from "@sallyport/map-world";
import type { Stage } from "./stage.ts";

/** A map shows steps in rounds, so a walk can end this much later. */
const roundsMs = 200;

/** Lets the player walk, or lets its client report the way where clients do that. */
export function walk(stage: Stage, player: Player, to: Cell): void {
  const runner = stage.runnerOf(player.map);
  const { movement } = runner.map;
  const from = runner.cellOf(player.charId) as Cell;
  const isThere = (): boolean => {
    const at = stage.runnerOf(player.map) === runner ? runner.cellOf(player.charId) : undefined;
    return at === undefined || (at.x === to.x && at.y === to.y);
  };
  if (movement.kind === "walked") {
    const steps = stage.act(() => runner.walk(player, to));
    if (steps === null) throw noWay(player, from, to);
    stage.passes(steps * defaultMapSettings.stepMs + roundsMs, isThere);
    return;
  }
  const { unitsPerCell, greatestSpeed } = movement;
  const cells = distanceCells(from, to);
  for (let nth = 1; nth <= cells && !isThere(); nth += 1) {
    const [dx, dy] = [(to.x - from.x) * (nth / cells), (to.y - from.y) * (nth / cells)];
    const cell = { x: Math.round(from.x + dx), y: Math.round(from.y + dy) };
    stage.passes(Math.ceil((1_500 * unitsPerCell) / greatestSpeed) + roundsMs);
    if (!stage.act(() => runner.report(player, runner.middleOf(cell))).ok) throw noWay(player, from, to);
  }
  stage.passes(roundsMs, isThere);
}

const noWay = ({ name, map }: Player, from: Cell, to: Cell): Error =>
  new Error(
    `${name} finds no way from ${from.x},${from.y} to ${to.x},${to.y} on ${map}: it is a wall, cut off, or too far`,
  );
