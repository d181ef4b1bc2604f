/**
 * The numbers that Ragnarok clients show for a character. They are the same for every character, because
 * these servers know no others.
 */
export const beginner = {
  level: 1,
  jobLevel: 1,
  hp: 40,
  maxHp: 40,
  sp: 11,
  maxSp: 11,
  weightMax: 20_000,
  points: { str: 5, agi: 5, vit: 5, int: 5, dex: 5, luk: 5 },
} as const;

/** The speed, in milliseconds a cell, at which Ragnarok clients walk unless they are told another. */
export const usualSpeed = 150;
