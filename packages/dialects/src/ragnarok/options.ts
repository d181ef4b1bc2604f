import { type CodePageName, usualCodePage } from "./code-page.ts";

/** How Ragnarok clients are served, from the settings. */
export interface RagnarokRules {
  /**
   * The generation of clients that is served: any PACKETVER up to `packetVerMax`, also one between two of
   * `packetVers`.
   */
  readonly packetVer: number;
  /** The code page of the clients. Names, passwords and the chat of native clients pass through it. */
  readonly codePage: CodePageName;
  /** A login as `name_M` or `name_F` registers the account. Off: that text is the account's name. */
  readonly registration: boolean;
  /** Creates a character for an account that has none: Ragnarok clients hang on an empty list. */
  readonly starter: boolean;
  /**
   * Six digits that clients send as birth date to delete a character, because accounts have no birth date;
   * null: any six digits.
   */
  readonly birthDate: string | null;
  /** How long a client may be connected, at any door, before its first packet. */
  readonly firstPacketMs: number;
  /**
   * How long a client may send nothing at the login and map doors. On a map it asks for the time every 12 s.
   */
  readonly silentMs: number;
  /** How long a client may take to choose; it need not send anything meanwhile. */
  readonly selectIdleMs: number;
}

/** Handed in because streams read no clock and draw no random numbers. */
interface HandedIn {
  /** The time in so many ms, in ISO 8601, UTC: used for the end of a ban. */
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
