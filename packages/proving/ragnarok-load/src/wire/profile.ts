/** The layout of a client's request. The bytes between the fields are zero. */
export interface RequestLayout {
  readonly opcode: number;
  readonly length: number;
  readonly at: number;
}

/** The differences between generations of clients. Servers call the date of a generation PACKETVER. */
export interface Profile {
  readonly packetver: number;
  readonly charListHeader: number;
  readonly charBlock: number;
  readonly unit: { readonly standing: number; readonly spawned: number; readonly walking: number };
  /** Whether the packet of a unit has a robe field after the head direction. */
  readonly hasRobe: boolean;
  readonly walk: RequestLayout;
  readonly time: RequestLayout;
  readonly name: RequestLayout;
  /** Picks up an item. */
  readonly take: RequestLayout;
  /** `at` is the offset of the direction of the head, and `bodyAt` that of the body. */
  readonly look: RequestLayout & { readonly bodyAt: number };
}

export const profiles = {
  20100105: {
    packetver: 20100105,
    charListHeader: 24,
    charBlock: 112,
    unit: { standing: 0x07f9, spawned: 0x07f8, walking: 0x07f7 },
    hasRobe: false,
    walk: { opcode: 0x00a7, length: 9, at: 6 },
    time: { opcode: 0x0089, length: 11, at: 7 },
    name: { opcode: 0x008c, length: 14, at: 10 },
    take: { opcode: 0x00f5, length: 11, at: 7 },
    look: { opcode: 0x0085, length: 10, at: 4, bodyAt: 9 },
  },
  20101228: {
    packetver: 20101228,
    charListHeader: 27,
    charBlock: 132,
    unit: { standing: 0x0857, spawned: 0x0858, walking: 0x0856 },
    hasRobe: true,
    walk: { opcode: 0x035f, length: 5, at: 2 },
    time: { opcode: 0x0360, length: 6, at: 2 },
    name: { opcode: 0x0368, length: 6, at: 2 },
    take: { opcode: 0x0362, length: 6, at: 2 },
    look: { opcode: 0x0361, length: 5, at: 2, bodyAt: 4 },
  },
} as const satisfies Record<number, Profile>;

export const mainProfile: Profile = profiles[20100105];
