import type { GivenOf, PacketTable, PacketVer } from "../src/ragnarok/index.ts";
import { packetVers } from "../src/ragnarok/index.ts";

/**
 * These bytes must never change, because existing clients depend on them. The strange values come from
 * recordings of a real client. All other bytes were written by hand from the layouts, and not by this code.
 */

export interface Golden {
  readonly packetVers: readonly PacketVer[];
  readonly type: string;
  readonly values: object;
  /** `bytesOf` reads the bytes from this text. */
  readonly bytes: string;
}

export const golden =
  <T extends PacketTable>() =>
  <N extends keyof T & string>(
    type: N,
    values: GivenOf<T, N>,
    bytes: string,
    vers: readonly PacketVer[] = packetVers,
  ) =>
    ({ type, values: values as object, bytes, packetVers: vers }) satisfies Golden;

export const old: readonly PacketVer[] = [0];
export const january: readonly PacketVer[] = [20100105];
export const december: readonly PacketVer[] = [20101228];
export const bothOf2010: readonly PacketVer[] = [20100105, 20101228];
