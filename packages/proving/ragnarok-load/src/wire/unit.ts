import type { Cell, Move } from "./cells.ts";
import type { Fields } from "./fields.ts";
import type { Profile } from "./profile.ts";

/** A unit on the map, as the server first showed it. */
export interface Unit {
  /** A player is 0, a monster is 5, and an NPC is 6. */
  readonly kind: number;
  readonly id: number;
  readonly speed: number;
  readonly job: number;
  readonly hair: number;
  readonly hairColour: number;
  readonly headDirection: number;
  readonly sex: number;
  /** The cell on which the unit stands, or from which it walks. */
  readonly cell: Cell;
  readonly move: Move | null;
  readonly state: number;
  readonly level: number;
  readonly name: string;
}

type Shape = keyof Profile["unit"];

const tickBytes = 4;

/** The three shapes differ in their extra fields: a tick, a robe, a longer position, a state. */
function offsets({ hasRobe }: Profile, shape: Shape) {
  const head = shape === "walking" ? 29 + tickBytes : 29;
  const body = head + 10 + (hasRobe ? 2 : 0);
  const position = body + 14;
  const size = position + (shape === "walking" ? 6 : 3);
  const state = size + 2;
  const level = state + (shape === "standing" ? 1 : 0);
  return { head, body, position, state, level, name: level + 4 };
}

const nameBytes = 24;

export const unitLengths = (profile: Profile): Record<Shape, number> => ({
  standing: offsets(profile, "standing").name + nameBytes,
  spawned: offsets(profile, "spawned").name + nameBytes,
  walking: offsets(profile, "walking").name + nameBytes,
});

export function readUnit(f: Fields, profile: Profile, shape: Shape): Unit {
  const at = offsets(profile, shape);
  const move = shape === "walking" ? f.move(at.position) : null;
  const { x, y } = move?.from ?? f.cell(at.position);
  return {
    kind: f.u8(4),
    id: f.u32(5),
    speed: f.u16(9),
    job: f.u16(19),
    hair: f.u16(21),
    hairColour: f.u16(at.head + 4),
    headDirection: f.u16(at.head + 8),
    sex: f.u8(at.body + 13),
    cell: { x, y },
    move,
    state: shape === "standing" ? f.u8(at.state) : 0,
    level: f.u16(at.level),
    name: f.text(at.name, nameBytes),
  };
}
