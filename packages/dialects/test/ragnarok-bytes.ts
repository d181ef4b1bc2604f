import {
  fromCharClient,
  fromLoginClient,
  fromMapClient,
  isSpokenIn,
  type PacketTable,
  type PacketVersion,
  passedOverAtChar,
  passedOverAtLogin,
  passedOverAtMap,
  toCharClient,
  toLoginClient,
  toMapClient,
} from "../src/ragnarok/index.ts";

/** Reads bytes like `6400 00*4 "name" 00`: hexadecimal, a repeated byte, and ASCII. */
export function bytesOf(written: string): Uint8Array {
  const tokens = written.match(/"[^"]*"|[0-9a-f]{2}\*\d+|[0-9a-f]+|\S/g) ?? [];
  return Uint8Array.from(
    tokens.flatMap((token) => {
      if (token.startsWith('"')) return [...Buffer.from(token.slice(1, -1), "latin1")];
      const [byte = "", times] = token.split("*");
      if (times !== undefined) return Array<number>(Number(times)).fill(Number.parseInt(byte, 16));
      const pairs = [...Buffer.from(token, "hex")];
      if (pairs.length * 2 !== token.length) throw new TypeError(`not bytes: ${token}`);
      return pairs;
    }),
  );
}

export const hexOf = (...chunks: readonly Uint8Array[]): string =>
  Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString("hex");

/** These are the packets that clients and servers send at each door. */
export const ragnarokDoors = [
  { name: "login", heard: fromLoginClient, passedOver: passedOverAtLogin, told: toLoginClient },
  { name: "char", heard: fromCharClient, passedOver: passedOverAtChar, told: toCharClient },
  { name: "map", heard: fromMapClient, passedOver: passedOverAtMap, told: toMapClient },
] as const;

export interface SpokenVersion {
  readonly type: string;
  readonly version: PacketVersion;
}

export function versionsIn(table: PacketTable, packetVer: number): SpokenVersion[] {
  return Object.entries(table).flatMap(([type, { versions }]) =>
    versions.filter((each) => isSpokenIn(each, packetVer)).map((version) => ({ type, version })),
  );
}
