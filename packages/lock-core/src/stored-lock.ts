import type { AccountLock } from "./account-lock.ts";
import type { CharacterLock } from "./character-lock.ts";
import type { Told } from "./machine.ts";
import type { ServerLock } from "./server-lock.ts";

/*
 * Checks whether a stored object is a lock with all fields that the rules use. Another program or a newer
 * version may have written it.
 */

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isText: Check = (value) => typeof value === "string";
const isOwner: Check = (value) =>
  typeof value === "object" &&
  value !== null &&
  "server" in value &&
  "incarnation" in value &&
  isText(value.server) &&
  isText(value.incarnation);

export const isTold = (value: unknown): value is Told =>
  typeof value === "object" &&
  value !== null &&
  "reason" in value &&
  "untilMs" in value &&
  "text" in value &&
  isText(value.reason) &&
  (value.untilMs === null || isNumber(value.untilMs)) &&
  (value.text === null || isText(value.text));

type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];
/** The compiler reports each field of a lock for which a check is missing. */
type Shapes<Lock extends { readonly state: string }> = {
  readonly [S in Lock["state"]]: {
    readonly [K in Exclude<RequiredKeys<Extract<Lock, { readonly state: S }>>, "state">]: Check;
  };
};

const ids = { loginId1: isNumber, loginId2: isNumber, sex: isText };
const granted = { ...ids, fence: isNumber };
const common = { ...ids, accountFence: isNumber, owner: isOwner };
const onMap = { ...common, charId: isNumber, charFence: isNumber };
const serverFields = { incarnation: isText, cookieHash: isText, deadlineMs: isNumber };

const accountShapes: Shapes<AccountLock> = {
  free: {},
  granted,
  held: { ...granted, owner: isOwner },
  evicting: { ...granted, owner: isOwner },
};

const characterShapes: Shapes<CharacterLock> = {
  free: {},
  choosing: common,
  returning: common,
  "handing-over": { ...common, charId: isNumber, target: isOwner },
  entering: onMap,
  playing: onMap,
  hopping: { ...onMap, target: isOwner },
  evicting: onMap,
};

const serverShapes: Shapes<ServerLock> = { absent: {}, connected: serverFields, away: serverFields };

function shaped(shapes: Readonly<Record<string, Readonly<Record<string, Check>>>>) {
  const known = new Map(Object.entries(shapes).map(([state, shape]) => [state, Object.entries(shape)]));
  return (stored: object): boolean => {
    const fields: { readonly [name: string]: unknown } = { ...stored };
    const shape = known.get(String(fields["state"]));
    return shape?.every(([name, check]) => check(fields[name])) ?? false;
  };
}

export const isAccountLock = shaped(accountShapes);
export const isCharacterLock = shaped(characterShapes);
export const isServerLock = shaped(serverShapes);
