import type { charToMap } from "@sallyport/cluster-protocol";
import {
  type AccountId,
  type CharacterState,
  type CharId,
  type Fence,
  type JsonObject,
  type Kick,
  type KickReason,
  kickFor,
  type LoginId,
  type Looks,
  type MapDoor,
  type Sex,
  type Standing,
} from "@sallyport/domain";
import type { LoadedCharacter } from "@sallyport/game-core";
import { type CharacterOwner, expectedCharacter } from "@sallyport/lock-core";
import type { Client } from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";

export type Expected = MessageOf<typeof charToMap, "character.expect">;

/** A character whose lock this server owns or has requested. */
export interface Player {
  readonly kind: "player";
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
  /** What this server knows about the character's lock and its saves. */
  owner: CharacterOwner;
  /** Stops the timer that removes an `expected` player. A running timer also keeps this object in memory. */
  stopWaiting: () => void;
  client: Client<MapDoor> | null;
  /** The first kick of this player. Null: there was none. */
  kick: Kick | null;
  /** It changes when operators change it, also while the character plays. */
  standing: Standing;
  map: string;
  /**
   * The last cell of a character that is on no map. While the character is on a map, the `MapRunner` knows
   * its cell.
   */
  x: number;
  y: number;
  attributes: JsonObject;
  /** What the game shows others of the character. It changes with `MapRunner.showAs`. */
  shown: Uint8Array;
  /** The attributes as the game has them. */
  character: LoadedCharacter;
  /** The newest state that the char-server has stored, according to its answers. That of the hand-over has number 0. */
  stored: Save;
}

export const notWaiting = (): void => {};

/** Creates the player for a hand-over. `stored` are the attributes of the hand-over. */
export function expectedPlayer(
  handedOver: Expected,
  saveDueMs: number,
  stored: JsonObject,
  loaded: LoadedCharacter,
): Player {
  const { accountId, accountFence, charId, charFence, loginId1, loginId2 } = handedOver;
  const { name, sex, looks, trace, position, role, mutedUntilMs } = handedOver;
  // An equal value stays the same object, so that nothing is saved before something has changed.
  const isSame = JSON.stringify(loaded.attributes) === JSON.stringify(stored);
  const attributes = isSame ? stored : loaded.attributes;
  return {
    kind: "player",
    ...{ accountId, accountFence, charId, charFence, loginId1, loginId2, name, sex, looks, trace },
    ...position,
    owner: expectedCharacter(saveDueMs),
    stopWaiting: notWaiting,
    client: null,
    kick: null,
    standing: { role, mutedUntilMs },
    attributes,
    shown: new Uint8Array(),
    character: { ...loaded, attributes },
    stored: { position, attributes: stored, saveNumber: 0 },
  };
}

export const isIn = (player: Player, state: CharacterOwner["state"]): boolean => player.owner.state === state;

/**
 * A state that has to be stored. A repeated save has the same number. The newest state has the highest
 * number, so the order of arrival does not matter.
 */
export interface Save extends CharacterState {
  readonly saveNumber: number;
}

/**
 * True if the player `here` belongs to a newer hand-over, so that this hand-over arrived late. The fences
 * decide.
 */
export const isNewer = (here: Player, { accountFence, charId, charFence }: Expected): boolean =>
  here.accountFence > accountFence ||
  (here.accountFence === accountFence && here.charId === charId && here.charFence > charFence);

/** The fields that identify a player in log lines. */
export const marksOf = ({ trace, accountId, charId }: Player) => ({ trace, accountId, charId });

export const isChanged = ({ stored }: Player, { position, attributes }: CharacterState): boolean =>
  attributes !== stored.attributes ||
  position.map !== stored.position.map ||
  position.x !== stored.position.x ||
  position.y !== stored.position.y;

/** The table names the reason for which a player leaves. The words that belong to it came with the kick. */
export const kickOf = ({ kick }: Player, reason: KickReason): Kick =>
  kick?.reason === reason ? kick : kickFor(reason);

/** The first lock of a character has fence 1. So the character was on no map before. */
export const isNew = ({ charFence }: Player): boolean => charFence === 1;
