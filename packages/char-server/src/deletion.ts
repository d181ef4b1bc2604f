import type { DeletionStep } from "@sallyport/domain";

export interface DeletionWish {
  readonly step: DeletionStep | undefined;
  /**
   * The reserved deletion is possible after this time. Undefined: no deletion is reserved. All times in this
   * file are seconds since 1970.
   */
  readonly deleteAfterS: number | undefined;
  readonly nowS: number;
  /** A deletion has to be reserved for this time before it is possible. */
  readonly delayS: number;
}

export interface DeletionAct {
  readonly deletes: boolean;
  /**
   * The new value of `deleteAfterS` to store. Null: store that no deletion is reserved. Absent: store
   * nothing.
   */
  readonly reserved?: number | null;
  /**
   * This is the answer if nothing is deleted: the time after which the deletion is possible, or `not-yet`.
   * With `not-yet`, the client has to wait for `waitS` seconds.
   */
  readonly answer?: { readonly deleteAfterS: number } | "not-yet";
  readonly waitS?: number;
}

/** Client protocols cannot carry a later time. */
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
