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

/** Throws `WireError` for attributes that are none. */
export function expectedPlayer(character: Expected, nowMs: number): Player {
  const { accountId, accountFence, charId, charFence, loginId1, loginId2 } = character;
  const { name, sex, looks, trace, position } = character;
  const attributes = parseAttributes(character.attributes);
  return {
    ...{ accountId, accountFence, charId, charFence, loginId1, loginId2, name, sex, looks, trace },
    ...position,
    phase: "expected",
    hop: null,
    stopWaiting: () => {},
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

/** Messages may come late: fences say which of two hand-overs of an account is the newer one. */
export const isNewer = (present: Player, { accountFence, charId, charFence }: Expected): boolean =>
  present.accountFence > accountFence ||
  (present.accountFence === accountFence && present.charId === charId && present.charFence > charFence);

/** For log lines. */
export const marksOf = ({ trace, accountId, charId }: Player) => ({ trace, accountId, charId });

export const isUnsaved = ({ saved }: Player, state: CharacterState): boolean =>
  saved === null ||
  state.attributes !== saved.attributes ||
  state.position.map !== saved.position.map ||
  state.position.x !== saved.position.x ||
  state.position.y !== saved.position.y;
