import { type CodePageName, usualCodePage } from "./code-page.ts";

export interface RagnarokRules {
  /** The PACKETVER of the clients, at most `packetVerMax`. It can be a number that is not in `packetVers`. */
  readonly packetVer: number;
  /** The code page that the clients use for names, passwords and chat. */
  readonly codePage: CodePageName;
  /**
   * If true, a login as `name_M` or `name_F` registers the account `name`. If false, the ending is a part of
   * the name.
   */
  readonly registration: boolean;
  /** If true, an account without a character gets one, because Ragnarok clients hang on an empty list. */
  readonly starter: boolean;
  /**
   * Players must enter these six digits as their birth date to delete a character, because accounts have no
   * birth date. If null, any six digits are accepted.
   */
  readonly birthDate: string | null;
  /** The first packet of a connection must arrive within this time. */
  readonly firstPacketMs: number;
  /**
   * A client at the login door or the map door can be silent for this long. On a map, clients send a packet
   * every 12 s.
   */
  readonly silentMs: number;
  /**
   * A client at the char door can be silent for this long. Clients send nothing while the player chooses a
   * character.
   */
  readonly selectIdleMs: number;
}

/** The caller passes these functions, because streams have no clock and no source of random numbers. */
interface HandedIn {
  /** Returns the UTC time `ms` from now, in ISO 8601. It is used for the end of a ban. */
  readonly isoIn: (ms: number) => string;
  /** Returns a UTC time in ISO 8601. `atMs` is in milliseconds since 1970, and may be too late for a `Date`. */
  readonly isoAt: (atMs: number) => string;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface RagnarokOptions extends RagnarokRules, HandedIn {}
export interface GivenOptions extends HandedIn, Partial<RagnarokRules> {}

export const defaultOptions: RagnarokRules = {
  packetVer: 20100105,
  codePage: usualCodePage,
  registration: false,
  starter: true,
  birthDate: "000000",
  firstPacketMs: 30_000,
  silentMs: 60_000,
  selectIdleMs: 15 * 60_000,
};
