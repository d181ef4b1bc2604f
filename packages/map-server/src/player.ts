import { type charToMap, parseAttributes } from "@sallyport/cluster-protocol";
import type {
  AccountId,
  CharacterState,
  CharId,
  Fence,
  JsonObject,
  LoginId,
  Looks,
  MapDoor,
  Sex,
} from "@sallyport/domain";
import { type CharacterOwner, expectedCharacter } from "@sallyport/lock-core";
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
  /** What this server knows of the character's lock and of its saves. */
  owner: CharacterOwner;
  /** Stops the timer that removes an `expected` player. The timer would also keep this object in memory. */
  stopWaiting: () => void;
  client: Client<MapDoor> | null;
  map: string;
  /** The cell while the character is on no map. While it is on a map, ask the `MapRunner` for the cell. */
  x: number;
  y: number;
  attributes: JsonObject;
  /** The last state of which the char-server said that it is stored. */
  stored: CharacterState;
}

export const notWaiting = (): void => {};

/** Throws `WireError` if the attributes are invalid. */
export function expectedPlayer(character: Expected, saveDueMs: number): Player {
  const { accountId, accountFence, charId, charFence, loginId1, loginId2 } = character;
  const { name, sex, looks, trace, position } = character;
  const attributes = parseAttributes(character.attributes);
  return {
    ...{ accountId, accountFence, charId, charFence, loginId1, loginId2, name, sex, looks, trace },
    ...position,
    owner: expectedCharacter(saveDueMs),
    stopWaiting: notWaiting,
    client: null,
    attributes,
    stored: { position, attributes },
  };
}

export const isIn = (player: Player, state: CharacterOwner["state"]): boolean => player.owner.state === state;

/**
 * A state to be stored. It keeps its number when it is sent again. The highest number belongs to the newest
 * state, even if messages overtake each other.
 */
export interface Save extends CharacterState {
  readonly saveNumber: number;
}

/** True if the player `here` is newer than the hand-over, which then arrived late. The fences decide. */
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
