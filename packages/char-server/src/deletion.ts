import type { DeletionStep } from "@sallyport/domain";

export interface DeletionWish {
  readonly step: DeletionStep | undefined;
  /** As reserved; undefined: it is not. All times here are seconds since 1970. */
  readonly deleteAfterS: number | undefined;
  readonly nowS: number;
  /** How long whoever wishes it has to wait. */
  readonly delayS: number;
}

export interface DeletionAct {
  readonly deletes: boolean;
  /** To be stored, null: not reserved; absent: left as it is. */
  readonly reserved?: number | null;
  /** What to say where nothing is deleted: when it may be, or that it may not yet, and how long it will not. */
  readonly answer?: { readonly deleteAfterS: number } | "not-yet";
  readonly waitS?: number;
}

/** What client protocols can carry. */
const timeMaxS = 0xffff_ffff;

export function decideDeletion({ step, deleteAfterS, nowS, delayS }: DeletionWish): DeletionAct {
  const isDue = deleteAfterS !== undefined && deleteAfterS <= nowS;
  const reserved = deleteAfterS ?? Math.min(timeMaxS, Math.floor(nowS) + delayS);
  const reserving = deleteAfterS === undefined ? { reserved } : {};
  switch (step) {
    case "cancel":
      return deleteAfterS === undefined ? { deletes: false } : { deletes: false, reserved: null };
    case "reserve":
      return { deletes: false, ...reserving, answer: { deleteAfterS: reserved } };
    case "carry-out":
      if (isDue) return { deletes: true };
      return { deletes: false, answer: "not-yet", ...(deleteAfterS && { waitS: deleteAfterS - nowS }) };
    case undefined:
      if (isDue || delayS === 0) return { deletes: true };
      return { deletes: false, ...reserving, answer: "not-yet", waitS: reserved - nowS };
  }
}
