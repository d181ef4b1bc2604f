import type {
  AccountId,
  CharacterState,
  CharId,
  Fence,
  JsonObject,
  KickReason,
  LoginId,
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
  readonly name: string;
  readonly sex: Sex;
  /** The id that follows its client through the logs. */
  readonly trace: string;
  /**
   * `expected`: the client has not come yet. `entering`: it has, and the char-server is being asked. `leaving`: the
   * last save is under way. `gone`: the lock is not ours any more, and nothing may be saved.
   */
  phase: "expected" | "entering" | "playing" | "leaving" | "gone";
  client: Client<MapDoor> | null;
  map: string;
  /** Up to date only while the character is on no map: see `PlayerState`. */
  x: number;
  y: number;
  attributes: JsonObject;
  /** What the char-server has; null while that is not known: a save is under way, or was not answered. */
  saved: CharacterState | null;
  savedMs: number;
  isSaving: boolean;
  /** Set by a kick that came while entering. */
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
