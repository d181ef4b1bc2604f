import type {
  AccountId,
  CharacterState,
  CharId,
  Fence,
  JsonObject,
  KickReason,
  LoginId,
  Looks,
  MapDoor,
  Sex,
} from "@sallyport/domain";
import type { Client } from "@sallyport/server-kit";

/** A character whose lock is this server's. */
export interface Player {
  readonly accountId: AccountId;
  readonly accountFence: Fence;
  readonly charId: CharId;
  readonly charFence: Fence;
  readonly loginId1: LoginId;
  readonly loginId2: LoginId;
  readonly name: string;
  readonly sex: Sex;
  readonly looks: Looks;
  /** The id that follows its client through the logs. */
  readonly trace: string;
  /**
   * `expected`: the client has not come yet. `entering`: it has, and the char-server is being asked. `hopping`: it
   * stepped onto a map of another map-server's, and the char-server is being asked. `leaving`: the last save is under
   * way. `gone`: the lock is not ours any more, and nothing may be saved.
   */
  phase: "expected" | "entering" | "playing" | "hopping" | "leaving" | "gone";
  /** While `hopping`: settled once it is known whose it is. */
  hop: Promise<void> | null;
  /** Ends the timer that lets go of it while it is `expected`, and that holds all of this. */
  stopWaiting: () => void;
  client: Client<MapDoor> | null;
  map: string;
  /** Up to date only while the character is on no map: see `PlayerState`. */
  x: number;
  y: number;
  attributes: JsonObject;
  /** What the char-server has; null while that is not known: a save is under way, or was not answered. */
  saved: CharacterState | null;
  /** Of the last save that was asked for under this fence; 0: none was. */
  saveNumber: number;
  savedMs: number;
  isSaving: boolean;
  /** Since when no save was stored, though there was something to save; null: it was, or there was not. */
  unsavedSinceMs: number | null;
  /** Set by a kick that came while entering or hopping. */
  kickReason: KickReason | null;
}

/** For log lines. */
export const marksOf = ({ trace, accountId, charId }: Player) => ({ trace, accountId, charId });

export const isUnsaved = ({ saved }: Player, state: CharacterState): boolean =>
  saved === null ||
  state.attributes !== saved.attributes ||
  state.position.map !== saved.position.map ||
  state.position.x !== saved.position.x ||
  state.position.y !== saved.position.y;
