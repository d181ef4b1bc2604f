import { z } from "zod";

export const wareName = z.enum(["bread", "rope", "lantern"]);
export type WareName = z.infer<typeof wareName>;

/** What the stall sells, as clients know it. */
export const wares = {
  bread: { id: 580, name: "Bread" },
  rope: { id: 1065, name: "Rope" },
  lantern: { id: 1041, name: "Lantern" },
} as const satisfies { readonly [N in WareName]: object };

export const prices: { readonly [N in WareName]: number } = { bread: 2, rope: 5, lantern: 12 };

/** `text` is what people near read when somebody uses it. */
export const uses: { readonly [N in WareName]: { readonly isUsedUp: boolean; readonly text: string } } = {
  bread: { isUsedUp: true, text: "shares warm bread with the gulls." },
  rope: { isUsedUp: true, text: "ties a boat to the quay. The knot holds." },
  lantern: { isUsedUp: false, text: "lights a lantern." },
};

export const itemName = z.enum([...wareName.options, "shell"]);
export type ItemName = z.infer<typeof itemName>;

/** How many pieces a bag holds. */
export const bagMax = 8;

/** The gold of a new character, and what it can get once. */
export const gifts = { start: 20, chest: 15, quest: 30 } as const;
export const questShells = 3;
