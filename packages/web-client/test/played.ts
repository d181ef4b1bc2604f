import { CharId, type MapEntered } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import type { Command, Happening, State } from "../src/state.ts";
import { initialState } from "../src/state.ts";
import { update } from "../src/update.ts";

export const world = {
  name: "Alpha",
  host: "127.0.0.1",
  port: 7200,
  players: 3,
  wsUrl: "ws://127.0.0.1:7202",
};
export const self = CharId(7);

/** Draws a map. `#` is a wall, `>` a warp, and everything else a floor. */
export function placeOf(
  rows: readonly string[],
  at: { x: number; y: number },
  map = "yard",
  movement: MapEntered["movement"] = null,
): MapEntered {
  const kinds = ["#", ">"];
  return {
    charId: self,
    name: "Aoi",
    position: { map, ...at },
    width: rows[0]?.length ?? 0,
    height: rows.length,
    cells: Uint8Array.from(rows.join(""), (letter) => kinds.indexOf(letter) + 1),
    stepMs: 150,
    viewCells: 14,
    movement,
    isRoom: false,
  };
}

export const room = ["##########", "#>.......#", "#........#", "#....#...#", "#........#", "##########"];

/** Feeds happenings to the page, and keeps its state and all its commands. */
export class Played {
  state: State;
  readonly commands: Command[] = [];
  nowMs = 1_000;

  constructor(accountName = "") {
    this.state = initialState({ language: "en", accountName: accountName });
  }

  happen(...happenings: Happening[]): this {
    for (const happening of happenings) {
      const step = update(this.state, happening, { nowMs: this.nowMs, random: 0.5 });
      this.state = step.state;
      this.commands.push(...step.commands);
    }
    return this;
  }

  event(event: GameEvent): this {
    return this.happen({ type: "game-event", event });
  }

  moved(x: number, y: number): this {
    return this.event({ type: "actor.moved", charId: self, x, y });
  }

  /** The commands since the last call. */
  taken(): Command[] {
    return this.commands.splice(0);
  }
}

export const account = { name: "alice", password: "secret" };
export const loggedIn = (): Played =>
  new Played("alice")
    .happen({ type: "command", command: { type: "log-in", ...account } })
    .happen({ type: "logged-in", worlds: [world] });
export const character = { charId: self, slot: 0, name: "Aoi", position: { map: "yard", x: 4, y: 2 } };
export const selecting = (): Played =>
  loggedIn().happen({ type: "selecting", characters: [character], slotCount: 3 });
export const inMap = (at = { x: 4, y: 2 }, place = placeOf(room, at)): Played => {
  const played = selecting()
    .happen({ type: "command", command: { type: "choose", charId: self } })
    .happen({ type: "entered", place });
  played.taken();
  return played;
};
