import type { Fields } from "./fields.ts";

/** A character in the list at character select. */
export interface Character {
  readonly charId: number;
  readonly zeny: number;
  readonly hp: number;
  readonly hpMax: number;
  readonly sp: number;
  readonly spMax: number;
  readonly walkSpeed: number;
  readonly job: number;
  readonly hair: number;
  readonly hairColour: number;
  readonly level: number;
  readonly jobLevel: number;
  readonly name: string;
  /** Strength, agility, vitality, intelligence, dexterity, luck. */
  readonly attributes: readonly number[];
  readonly slot: number;
  readonly isRenamed: boolean;
  /** Null for older clients, whose shorter block contains no map. */
  readonly map: string | null;
  /**
   * The time of deletion in seconds since 1970. 0 if no deletion is reserved. Null for older clients, whose
   * shorter block contains no time.
   */
  readonly deleteDate: number | null;
}

const longBlock = 132;

export const readCharacter = (f: Fields): Character => ({
  charId: f.u32(0),
  zeny: f.u32(8),
  jobLevel: f.u32(16),
  hp: f.u32(42),
  hpMax: f.u32(46),
  sp: f.u16(50),
  spMax: f.u16(52),
  walkSpeed: f.u16(54),
  job: f.u16(56),
  hair: f.u16(58),
  level: f.u16(62),
  hairColour: f.u16(74),
  name: f.text(78, 24),
  attributes: [102, 103, 104, 105, 106, 107].map((at) => f.u8(at)),
  slot: f.u16(108),
  isRenamed: f.u16(110) !== 0,
  map: f.length < longBlock ? null : f.map(112),
  deleteDate: f.length < longBlock ? null : f.u32(128),
});
