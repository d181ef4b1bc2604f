/**
 * The tested client programs. The key is the PACKETVER, which is the date of the program. It decides which
 * packets the program knows.
 */
export const profiles = {
  0: "the oldest: the packets of before 2004, as `serverType 0` clients still speak them",
  20100105: "January 2010, the main one",
  20101228: "December 2010",
} as const;

export type PacketVer = keyof typeof profiles;
export const packetVers: readonly PacketVer[] = [0, 20100105, 20101228];
/** The layouts of newer clients are not known. */
export const packetVerMax = Math.max(...packetVers);
export const isTested = (packetVer: number): boolean => packetVers.some((each) => each === packetVer);
