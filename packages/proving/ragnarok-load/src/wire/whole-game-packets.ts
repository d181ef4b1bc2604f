/**
 * These opcodes belong to packets about items, skills, parties and so on. Servers of complete games send
 * these packets to clients of 2010.
 */
const opcodesByLength: readonly (readonly [number, string])[] = [
  [-1, "009a 00a4 00a5 00a6 00c7 00d7 00db 00fb 0109 010f 0122 0123 0133 0136 014c 0152 0154"],
  [-1, "0160 0162 0163 0166 0174 017f 01a6 01ad 01c3 01ee 01ef 01f0 0201 0287 0295 0296 0297 02b1 02b2 02b5"],
  [-1, "02c1 02d0 02d1 02d2 02d7 02dc 02e8 02e9 02ea"],
  [3, "00d6 00da 0167 0169 02c9 02da"],
  [4, "013a 0199 01d6 0291"],
  [5, "00be"],
  [6, "00bc 00c2 00d8 0120 0132 014e 01b9"],
  [7, "00a8 00aa 00ac 02b6"],
  [8, "00b1 00c3 01d0 01e1 07d8 07db 07e2 07fa"],
  [9, "0196"],
  [10, "0106 0107 0110 019b 01aa 01f3 02d9"],
  [11, "010e 01a4 01b0 01d7 0206"],
  [13, "0119 01c8"],
  [14, "019a 0284 0446 07f6"],
  [15, "011a 0229 07e1"],
  [16, "011f 0139"],
  [17, "009e"],
  [18, "0117 028a"],
  [20, "01f2"],
  [23, "00a0 0144"],
  [24, "0192"],
  [25, "043f 07fb"],
  [27, "029a"],
  [28, "01cf"],
  [29, "008a"],
  [30, "0194"],
  [31, "0114"],
  [33, "01de 02e1"],
  [39, "0111 0147"],
  [42, "0214"],
  [67, "01b3"],
  [79, "0104"],
  [80, "029b"],
  [86, "0131"],
  [107, "02b3"],
  [110, "0150"],
  [114, "01b6"],
  [191, "02b9"],
  [268, "07d9"],
];

/** Each opcode has its length as value, or -1 if the packet contains its length. */
export const wholeGamePackets: ReadonlyMap<number, number> = new Map(
  opcodesByLength.flatMap(([length, opcodes]) =>
    opcodes.split(" ").map((opcode) => [Number.parseInt(opcode, 16), length] as const),
  ),
);
