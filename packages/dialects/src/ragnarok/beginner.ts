/** Ragnarok clients show these numbers for every character. The servers do not store such numbers. */
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

/** The default speed of Ragnarok clients, in milliseconds for each cell. */
export const usualSpeed = 150;
