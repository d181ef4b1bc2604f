/** What every character is, as far as these servers know: the numbers that clients of this family show. */
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

/** Milliseconds a cell at which clients of this family walk unless they are told otherwise. */
export const usualSpeed = 150;
