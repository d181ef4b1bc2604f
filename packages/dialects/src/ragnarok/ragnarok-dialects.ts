import type { CharDoor, DoorVocabulary, LoginDoor, MapDoor } from "@sallyport/domain";
import type { Dialect, DialectStream } from "../dialect.ts";
import { fromCharClient, passedOverAtChar, toCharClient } from "./char-packets.ts";
import { CharStream } from "./char-stream.ts";
import type { Packets } from "./client-stream.ts";
import { type CodePage, codePages } from "./code-page.ts";
import { fromLoginClient, passedOverAtLogin, toLoginClient } from "./login-packets.ts";
import { LoginStream } from "./login-stream.ts";
import { toMapClient } from "./map-answers.ts";
import { fromMapClient } from "./map-packets.ts";
import { MapStream } from "./map-stream.ts";
import { dialectName } from "./next-door.ts";
import { defaultOptions, type GivenOptions, type RagnarokOptions } from "./options.ts";
import { PacketIndex, PacketWriter } from "./packet-codec.ts";
import { type PacketTable, wholePacketVer } from "./packet-table.ts";
import { passedOverAtMap } from "./passed-over-at-map.ts";
import { SharedPackets } from "./shared-packets.ts";

export interface RagnarokDialects {
  readonly login: Dialect<LoginDoor>;
  readonly char: Dialect<CharDoor>;
  readonly map: Dialect<MapDoor>;
}

const tables: readonly PacketTable[] = [
  ...[fromLoginClient, toLoginClient],
  ...[fromCharClient, toCharClient],
  ...[fromMapClient, toMapClient],
];

/**
 * Returns the PACKETVER whose layouts a client gets. It is older than the client's own PACKETVER if the
 * layout of a packet in that version is not known.
 */
export const servedPacketVer = (packetVer: number): number => wholePacketVer(tables, packetVer);

/** The dialects of Ragnarok Online clients with one PACKETVER, for the three doors. */
export function ragnarokDialects(options: GivenOptions): RagnarokDialects {
  const all: RagnarokOptions = { ...defaultOptions, ...options };
  const packetVer = servedPacketVer(all.packetVer);
  const codePage = codePages[all.codePage];
  const atLogin = packets(fromLoginClient, passedOverAtLogin, toLoginClient, packetVer, codePage);
  const atChar = packets(fromCharClient, passedOverAtChar, toCharClient, packetVer, codePage);
  const atMap = packets(fromMapClient, passedOverAtMap, toMapClient, packetVer, codePage);
  const shared = new SharedPackets(atMap.writer, codePage, all);
  return {
    login: dialect((nowMs) => new LoginStream(atLogin, all, nowMs)),
    char: dialect((nowMs) => new CharStream(atChar, all, nowMs)),
    map: { ...dialect((nowMs) => new MapStream(atMap, shared, all, nowMs)), loadsMaps: true },
  };
}

function packets<Heard extends PacketTable, Told extends PacketTable>(
  heard: Heard,
  passedOver: PacketTable,
  told: Told,
  packetVer: number,
  codePage: CodePage,
): Packets<Heard, Told> {
  return {
    index: new PacketIndex(heard, passedOver, packetVer),
    writer: new PacketWriter(told, packetVer, codePage),
    codePage,
    introduction: {
      version: packetVer,
      dialect: dialectName,
      program: "",
      programVersion: "",
      deviceId: null,
      secondLogin: null,
    },
  };
}

/** Ragnarok players expect that a new login ends the old one. */
function dialect<D extends DoorVocabulary>(open: (nowMs: number) => DialectStream<D>): Dialect<D> {
  return { name: dialectName, secondLogin: "takeover", open };
}
