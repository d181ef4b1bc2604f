import { beginner } from "./beginner.ts";

/** The codes of these numbers in `ZC_PAR_CHANGE` and `ZC_COUPLESTATUS`. */
const parameters = {
  speed: 0,
  hp: 5,
  maxHp: 6,
  sp: 7,
  maxSp: 8,
  level: 11,
  weight: 24,
  weightMax: 25,
  jobLevel: 55,
};
const pointParameters = { str: 13, agi: 14, vit: 15, int: 16, dex: 17, luk: 18 };

interface Numbered {
  readonly parameter: number;
  readonly value: number;
}

function numbered<K extends string>(
  by: Readonly<Record<K, number>>,
  values: { readonly [name in NoInfer<K>]: number },
): Numbered[] {
  return (Object.keys(by) as K[]).map((name) => ({ parameter: by[name], value: values[name] }));
}

export function ownNumbers(stepMs: number): readonly Numbered[] {
  return numbered(parameters, { ...beginner, speed: stepMs, weight: 0 });
}

const { points } = beginner;
/** The price in points for one more strength, agility and so on. */
const cost = 2;

export const ownStatus = {
  sheet: {
    ...points,
    strCost: cost,
    agiCost: cost,
    vitCost: cost,
    intCost: cost,
    dexCost: cost,
    lukCost: cost,
  },
  points: numbered(pointParameters, points),
} as const;
