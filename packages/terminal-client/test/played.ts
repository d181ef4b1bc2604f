import { CharId, type MapEntered } from "@sallyport/domain";
import { type Command, type Happening, type Key, plainText, type State, update, view } from "../src/index.ts";
import { initialState } from "../src/state.ts";

const server = { host: "127.0.0.1", port: 7100 };
export const world = { name: "midgard", host: "127.0.0.1", port: 7200, players: 3, wsUrl: null };
export const self = CharId(7);

/** This room of 9 by 7 cells has a wall around it and a warp in its north-western corner. */
export const place: MapEntered = {
  charId: self,
  name: "Aoi",
  position: { map: "yard", x: 4, y: 3 },
  width: 9,
  height: 7,
  cells: Uint8Array.from({ length: 63 }, (_, index) => {
    const [x, y] = [index % 9, Math.floor(index / 9)];
    if (x === 1 && y === 1) return 2;
    return x === 0 || y === 0 || x === 8 || y === 6 ? 1 : 0;
  }),
  stepMs: 150,
  viewCells: 14,
  movement: null,
  isRoom: false,
};

const names = new Set(["up", "down", "left", "right", "enter", "tab", "backspace", "escape", "interrupt"]);
const keyOf = (pressed: string): Key =>
  (names.has(pressed) ? { type: "named", name: pressed } : { type: "text", text: pressed }) as Key;

/** Feeds inputs to the client, and keeps its state and all its commands. */
export class Played {
  state: State;
  readonly commands: Command[] = [];
  nowMs = 0;

  constructor(name = "") {
    this.state = initialState(server, name);
  }

  happen(...happenings: Happening[]): this {
    for (const happening of happenings) {
      const step = update(this.state, happening, this.nowMs);
      this.state = step.state;
      this.commands.push(...step.commands);
    }
    return this;
  }

  press(...keys: string[]): this {
    return this.happen(...keys.map((key): Happening => ({ type: "key", key: keyOf(key) })));
  }

  type(text: string): this {
    return this.press(...text);
  }

  lines(columns = 80, rows = 24): string[] {
    return view(this.state, { columns, rows }, this.nowMs).map(plainText);
  }

  get footer(): string {
    return this.lines().at(-1) ?? "";
  }
}

export const loggedIn = (): Played =>
  new Played("alice")
    .type("secret")
    .press("enter")
    .happen({ type: "logged-in", worlds: [world] });
export const selecting = (): Played => {
  const characters = [{ charId: self, slot: 1, name: "Aoi", position: place.position }];
  return loggedIn().happen({ type: "selecting", characters, slotCount: 3 });
};
export const inMap = (): Played => selecting().press("down", "enter").happen({ type: "entered", place });
export const event = (of: Extract<Happening, { type: "game-event" }>["event"]): Happening => ({
  type: "game-event",
  event: of,
});
