import { type CodePageName, usualCodePage } from "./code-page.ts";

export interface RagnarokRules {
  /** The PACKETVER of the clients, at most `packetVerMax`. It need not be one of `packetVers`. */
  readonly packetVer: number;
  /** The code page of the clients, for names, passwords and chat. */
  readonly codePage: CodePageName;
  /**
   * If true, a login as `name_M` or `name_F` registers the account `name`. If false, the suffix is part of
   * the name.
   */
  readonly registration: boolean;
  /** Creates a character for an account without one, because Ragnarok clients hang on an empty list. */
  readonly starter: boolean;
  /**
   * The six digits that players must enter as birth date to delete a character. Accounts have no birth date.
   * If null, any six digits are accepted.
   */
  readonly birthDate: string | null;
  /** Maximum time from the start of any connection to the first packet. */
  readonly firstPacketMs: number;
  /** Maximum silence at the login and map doors. On a map, clients send a packet every 12 s. */
  readonly silentMs: number;
  /** Maximum silence at the char door. Clients send nothing while the player chooses. */
  readonly selectIdleMs: number;
}

/** Streams have no clock and no source of random numbers, so the caller provides these functions. */
interface HandedIn {
  /** Returns the UTC time `ms` from now, in ISO 8601. Used for the end of a ban. */
  readonly isoIn: (ms: number) => string;
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
