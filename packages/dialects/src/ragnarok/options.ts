import { type CodePageName, usualCodePage } from "./code-page.ts";

export interface RagnarokOptions {
  /** The generation of clients that is served: up to `packetVerMax`, one of `packetVers` or between two of them. */
  readonly packetVer: number;
  /** Of the clients: names, passwords and what native clients say go through it. */
  readonly codePage: CodePageName;
  /** A login as `name_M` or `name_F` makes the account. Off: that is its name. */
  readonly registration: boolean;
  /** An account without a character is given one: clients of this family hang on an empty list. */
  readonly starter: boolean;
  /** Six digits that clients give as birth date to delete a character, for accounts have none; null: any six. */
  readonly birthDate: string | null;
  /** How long a client may be connected without a word, at any door. */
  readonly firstPacketMs: number;
  /** How long one may say nothing at the login and the map door; on a map it asks for the time every 12 s. */
  readonly silentMs: number;
  /** How long one may choose: nothing need be sent meanwhile. */
  readonly selectIdleMs: number;
  /** A time so many ms from now in ISO 8601, UTC: for when a ban ends. */
  readonly isoIn: (ms: number) => string;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** The streams themselves read no clock and draw nothing. */
type HandedIn = Pick<RagnarokOptions, "isoIn" | "randomBytes">;
export type GivenOptions = HandedIn & Partial<RagnarokOptions>;

export const defaultOptions: Omit<RagnarokOptions, keyof HandedIn> = {
  packetVer: 20100105,
  codePage: usualCodePage,
  registration: false,
  starter: true,
  birthDate: "000000",
  firstPacketMs: 30_000,
  silentMs: 60_000,
  selectIdleMs: 15 * 60_000,
};
