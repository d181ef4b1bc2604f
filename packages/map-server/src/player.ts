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
  /** What the char-server has, as far as is known. */
  saved: CharacterState;
  savedMs: number;
  /** Set by a kick that came while entering. */
  kickReason: KickReason | null;
}

export const isUnsaved = (player: Player, state: CharacterState): boolean =>
  state.attributes !== player.saved.attributes ||
  state.position.map !== player.saved.position.map ||
  state.position.x !== player.saved.position.x ||
  state.position.y !== player.saved.position.y;
