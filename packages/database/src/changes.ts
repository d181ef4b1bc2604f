/** A part of what changed in a table, in the order of the versions. */
export interface Changes<Item> {
  readonly items: readonly Item[];
  /** The version of the last change that was read, also if no server can use that one. */
  readonly version: number;
}
