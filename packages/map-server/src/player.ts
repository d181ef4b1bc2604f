import { type charToMap, parseAttributes } from "@sallyport/cluster-protocol";
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
import type { MessageOf } from "@sallyport/wire";

export type Expected = MessageOf<typeof charToMap, "character.expect">;

/** A character whose lock this server owns or has asked for. */
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
  readonly trace: string;
  /**
   * `expected`: the client has not connected yet. `entering`: the client has connected, and this server has
   * asked the char-server for the lock. `hopping`: the character goes to a map of another map-server, and
   * this server has asked the char-server for the hop. `leaving`: the last save is under way. `gone`: this
   * server no longer owns the lock, and must not save.
   */
  phase: "expected" | "entering" | "playing" | "hopping" | "leaving" | "gone";
  /** The newest hop, or null. Settles when the hop has succeeded or failed. */
  hop: Promise<void> | null;
  /** Stops the timer that removes an `expected` player. The timer would also keep this object in memory. */
  stopWaiting: () => void;
  client: Client<MapDoor> | null;
  map: string;
  /** The cell while the character is on no map. While it is on a map, ask the `MapRunner` for the cell. */
  x: number;
  y: number;
  attributes: JsonObject;
  /** The state that the char-server has stored. Null if unknown: a save is under way, or was not answered. */
  saved: CharacterState | null;
  /** The number of the newest `Save` under this fence. 0: none. */
  saveNumber: number;
  savedMs: number;
  isSaving: boolean;
  /** The time of the first failed save since the last successful one. Null: the last save succeeded. */
  unsavedSinceMs: number | null;
  /**
   * Set by a kick. If the player is entering or hopping, the kick takes effect after the entry or the hop.
   */
  kickReason: KickReason | null;
}

export const notWaiting = (): void => {};

/** Throws `WireError` if the attributes are invalid. */
export function expectedPlayer(character: Expected, nowMs: number): Player {
  const { accountId, accountFence, charId, charFence, loginId1, loginId2 } = character;
  const { name, sex, looks, trace, position } = character;
  const attributes = parseAttributes(character.attributes);
  return {
    ...{ accountId, accountFence, charId, charFence, loginId1, loginId2, name, sex, looks, trace },
    ...position,
    phase: "expected",
    hop: null,
    stopWaiting: notWaiting,
    client: null,
    attributes,
    saved: { position, attributes },
    saveNumber: 0,
    savedMs: nowMs,
    isSaving: false,
    unsavedSinceMs: null,
    kickReason: null,
  };
}

/** A state to be stored. It keeps its number when it is sent again. */
export interface Save extends CharacterState {
  readonly saveNumber: number;
}

/**
 * Each save gets the next number when its state is read. So the highest number belongs to the newest state,
 * even if messages overtake each other.
 */
export function nextSave(player: Player, state: CharacterState): Save {
  player.saveNumber += 1;
  return { ...state, saveNumber: player.saveNumber };
}

/** True if the player `here` is newer than the hand-over, which then arrived late. The fences decide. */
export const isNewer = (here: Player, { accountFence, charId, charFence }: Expected): boolean =>
  here.accountFence > accountFence ||
  (here.accountFence === accountFence && here.charId === charId && here.charFence > charFence);

/** The fields that identify a player in log lines. */
export const marksOf = ({ trace, accountId, charId }: Player) => ({ trace, accountId, charId });

export const isUnsaved = ({ saved }: Player, state: CharacterState): boolean =>
  saved === null ||
  state.attributes !== saved.attributes ||
  state.position.map !== saved.position.map ||
  state.position.x !== saved.position.x ||
  state.position.y !== saved.position.y;
