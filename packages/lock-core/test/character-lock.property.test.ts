import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CharacterCommand,
  type CharacterEffect,
  type CharacterRefusal,
  characterDurations,
  characterLockTable,
  type DecidedLock,
  decideWithin,
  go,
  no,
} from "../src/index.ts";
import {
  anyFence,
  anyLoginId1,
  anyOf,
  countOf,
  holds,
  holdsForKnown,
  idsOf,
  isOwnedBy,
  nothing,
  ownerIn,
  type Step,
  type Subject,
  same,
  type Wrong,
  withFault,
  withIds,
  words,
} from "./random-program.ts";
import { alpha, alphaAnew, character, map, mapAnew, otherMap, timing } from "./sample-locks.ts";
import { deadlineOf, type Timed, timed } from "./timed-core.ts";

const charServer = fc.constantFrom(alpha, alphaAnew);
const mapServer = fc.constantFrom(map, mapAnew, otherMap);
const anyServer = fc.oneof(charServer, mapServer);
const claimant = fc
  .tuple(mapServer, fc.constantFrom([], ["map-1"], ["map-2"], ["other-1"]))
  .map(([claiming, earlier]) => ({ ...claiming, earlier }));
const charId = fc.constantFrom(150, 151);
const charFence = anyFence;

const commands = anyOf<CharacterCommand>(
  {
    open: fc.oneof(
      withIds({ owner: charServer, accountFence: anyFence }),
      withIds({ owner: charServer, accountFence: anyFence, isAgain: fc.constant<true>(true) }),
    ),
    renew: fc.record({ owner: charServer }),
    choose: fc.record({ owner: charServer, loginId1: anyLoginId1, charId, target: mapServer }),
    hop: fc.record({ owner: mapServer, charId, charFence, target: mapServer }),
    acknowledge: fc.record({ owner: mapServer, loginId1: anyLoginId1, charId, charFence }),
    decline: fc.record({ target: mapServer, loginId1: anyLoginId1, charId }),
    enter: fc.record({ owner: mapServer, charId, charFence, loginId1: anyLoginId1 }),
    return: fc.record({ from: mapServer, charId, charFence, owner: charServer }),
    abandon: fc.record({ owner: anyServer, loginId1: anyLoginId1 }),
    leave: fc.record({ owner: anyServer, charId, charFence }),
    evict: nothing,
    reclaim: fc.record({ owner: claimant, charId, charFence, loginId1: anyLoginId1 }),
    forfeit: fc.record({ owner: mapServer }),
    expire: nothing,
  },
  { open: 4, choose: 4, hop: 3, acknowledge: 6, enter: 6, return: 3, leave: 2, reclaim: 3, expire: 2 },
);

function aim(command: CharacterCommand, lock: DecidedLock): CharacterCommand {
  if (isEmpty(lock)) return command;
  const back = { ...lock.owner, incarnation: `${lock.owner.server}-2`, earlier: [lock.owner.incarnation] };
  const speaker = command.type === "acknowledge" && "target" in lock ? lock.target : lock.owner;
  const ofLock = {
    ...idsOf(lock),
    owner: command.type === "reclaim" ? back : speaker,
    ...("target" in lock && { target: lock.target }),
    ...("charId" in lock && { charId: lock.charId }),
    ...("charFence" in lock && { charFence: lock.charFence, from: lock.owner }),
  };
  // These fields stay random, because they name a new owner, a new target or a raised fence.
  const isDrawn = (name: string): boolean =>
    (name === "owner" && (command.type === "return" || command.type === "open")) ||
    (name === "charFence" && command.type === "acknowledge") ||
    (name === "target" && command.type === "hop");
  const aimed = Object.entries(command).map(([name, drawn]) =>
    isDrawn(name) ? [name, drawn] : [name, { ...{ [name]: drawn }, ...ofLock }[name]],
  );
  return Object.fromEntries(aimed) as CharacterCommand;
}

/** Only the owner of the lock sends these commands. */
const ownersAlone: readonly string[] = ["renew", "choose", "hop", "enter", "abandon", "leave", "forfeit"];
/** These commands give a lock to another owner. */
const passOn: readonly string[] = ["open", "acknowledge", "return", "reclaim"];
const isEmpty = (lock: DecidedLock): lock is Extract<DecidedLock, { state: "free" | "unrestored" }> =>
  lock.state === "free" || lock.state === "unrestored";
const atCharServer: readonly string[] = ["choosing", "returning", "handing-over"];

function wrongs({
  before,
  command,
  next,
  effects,
}: Step<DecidedLock, CharacterCommand, CharacterEffect>): Wrong[] {
  const asks = command.type === "return" ? command.from : "owner" in command ? command.owner : undefined;
  const speaks = ownersAlone.includes(command.type) || command.type === "return";
  const [was, is] = [ownerIn(before), ownerIn(next)];
  const isFreed = !isEmpty(before) && isEmpty(next);
  const isUnasked = isFreed && ["evict", "expire", "forfeit"].includes(command.type);
  const wasAtChar = atCharServer.includes(before.state);
  const isAsked =
    (command.type === "evict" && !wasAtChar) || (command.type === "reclaim" && before.state === "evicting");
  const ofOwner = effects.filter((effect) => effect.type === "kick" || effect.type === "lost");
  return [
    speaks && asks && !isOwnedBy(before, asks) && "another server spoke for the owner",
    !same(was, is) && !isFreed && !passOn.includes(command.type) && "passed on by the wrong command",
    before.state === "unrestored" &&
      !(command.type === "open" && command.isAgain) &&
      "taken from an owner that may restore it",
    next.state === "unrestored" && "lost by a command",
    command.type === "acknowledge" &&
      !("target" in before && same(before.target, is)) &&
      "taken by a server other than the target",
    command.type === "reclaim" && was?.server !== is?.server && "reclaimed by another server",
    command.type === "reclaim" &&
      !same(was, is) &&
      !command.owner.earlier.includes(was?.incarnation ?? "") &&
      "reclaimed from a life that has not ended",
    command.type === "reclaim" && before.state !== next.state && "a step that was under way did not stay so",
    !isEmpty(before) && !isFreed && !same(idsOf(before), idsOf(next as never)) && "the ids changed",
    "charId" in before && "charId" in next && before.charId !== next.charId && "the character changed",
    "charFence" in before &&
      "charFence" in next &&
      before.charFence !== next.charFence &&
      command.type !== "acknowledge" &&
      "the fence changed",
    command.type === "acknowledge" &&
      "charFence" in before &&
      !("charFence" in next && next.charFence > before.charFence) &&
      "passed on under a fence that was not raised",
    "charFence" in command &&
      command.type !== "acknowledge" &&
      "charFence" in before &&
      before.charFence !== command.charFence &&
      "done under another fence",
    "charId" in command &&
      "charId" in before &&
      before.charId !== command.charId &&
      "done for another character",
    "loginId1" in command &&
      !isEmpty(before) &&
      before.loginId1 !== command.loginId1 &&
      "done with other login ids",
    countOf(effects, "release-account") !== Number(isFreed) && "the account does not go with the character",
    countOf(effects, "kick-client") !== Number(isUnasked && wasAtChar) &&
      "the client at character select stays",
    countOf(effects, "lost") !== Number(isUnasked && !wasAtChar) && "the map-server is not told of its loss",
    countOf(effects, "kick") !== Number(isAsked) && "the map-server is not asked",
    ofOwner.some((effect) => !("owner" in effect) || !same(effect.owner, isAsked ? is : was)) &&
      "the wrong server was told",
    effects.some(
      (effect) => "loginId1" in effect && !same(effect.loginId1, "loginId1" in before && before.loginId1),
    ) && "with other login ids",
  ];
}

const subjectOf = (
  table: typeof characterLockTable,
  durations = characterDurations,
): Subject<Timed<DecidedLock>, CharacterCommand, CharacterEffect> => ({
  initial: { state: "free" },
  ownerOf: (lock) => ownerIn(lock)?.incarnation ?? null,
  table,
  samples: { ...character, unrestored: { state: "unrestored" } },
  decide: timed(decideWithin(table, durations, timing)),
  deadlineOf,
  commands,
  aim,
  refusals: words<CharacterRefusal>({
    "no-lock": true,
    "already-choosing": true,
    "on-a-map": true,
    "not-on-a-map": true,
    "second-choice": true,
    "not-handing-over": true,
    hopping: true,
    "not-entering": true,
    "being-evicted": true,
    "not-owner": true,
    "ids-differ": true,
    "stale-fence": true,
    "too-late": true,
    "not-due": true,
    "being-restored": true,
  }),
  timed: ["choosing", "returning", "handing-over", "entering", "hopping", "evicting"],
  wrongs,
});

test("under any commands, a character lock is passed on by its owner or times out, and the account goes with it", () => {
  holds(subjectOf(characterLockTable));
});

test.each([
  [
    "a client opens a lock that its owner may restore",
    "taken from an owner that may restore it",
    withFault(characterLockTable, "unrestored", "open", characterLockTable.free.open as never),
  ],
  [
    "the account stays locked",
    "the account does not go with the character",
    withFault(characterLockTable, "playing", "leave", {
      to: ["free"],
      step: (lock, { owner, charId, charFence }) =>
        isOwnedBy(lock, owner) && lock.charId === charId && lock.charFence === charFence
          ? go({ state: "free" })
          : no("not-owner"),
    }),
  ],
  [
    "a save under an older fence ends a newer visit",
    "done under another fence",
    withFault(characterLockTable, "playing", "leave", {
      to: ["free"],
      step: (lock, { owner, charId }) =>
        isOwnedBy(lock, owner) && lock.charId === charId
          ? go({ state: "free" }, { type: "release-account", loginId1: lock.loginId1 })
          : no("not-owner"),
    }),
  ],
  [
    "any map-server takes a character",
    "taken by a server other than the target",
    withFault(characterLockTable, "handing-over", "acknowledge", {
      to: ["entering"],
      step: ({ target: _, ...lock }, { owner, loginId1, charId, charFence }) =>
        lock.loginId1 === loginId1 && lock.charId === charId
          ? go({ ...lock, state: "entering", owner, charFence })
          : no("not-owner"),
    }),
  ],
  [
    "a late answer to an older login counts for a newer one",
    "done with other login ids",
    withFault(characterLockTable, "handing-over", "acknowledge", {
      to: ["entering"],
      step: ({ target, ...lock }, { owner, charId, charFence }) =>
        same(target, owner) && lock.charId === charId
          ? go({ ...lock, state: "entering", owner, charFence })
          : no("not-owner"),
    }),
  ],
  [
    "leaving with one character ends another",
    "done for another character",
    withFault(characterLockTable, "playing", "leave", {
      to: ["free"],
      step: (lock, { owner, charFence }) =>
        isOwnedBy(lock, owner) && lock.charFence === charFence
          ? go({ state: "free" }, { type: "release-account", loginId1: lock.loginId1 })
          : no("not-owner"),
    }),
  ],
  [
    "another client replaces a client on its way back",
    "the ids changed",
    withFault(characterLockTable, "returning", "open", {
      to: ["choosing"],
      step: (lock, { owner, loginId1, loginId2, sex }) =>
        go({ ...lock, state: "choosing", owner, loginId1, loginId2, sex }),
    }),
  ],
  [
    "any map-server takes a character that hops",
    "taken by a server other than the target",
    withFault(characterLockTable, "hopping", "acknowledge", {
      to: ["entering"],
      step: ({ target: _, ...lock }, { owner, loginId1, charId, charFence }) =>
        lock.loginId1 === loginId1 && lock.charId === charId && charFence > lock.charFence
          ? go({ ...lock, state: "entering", owner, charFence })
          : no("not-owner"),
    }),
  ],
  [
    "two map-servers may save under one fence",
    "passed on under a fence that was not raised",
    withFault(characterLockTable, "hopping", "acknowledge", {
      to: ["entering"],
      step: ({ target, ...lock }, { owner, loginId1, charId, charFence }) =>
        same(target, owner) && lock.loginId1 === loginId1 && lock.charId === charId
          ? go({ ...lock, state: "entering", owner, charFence })
          : no("not-owner"),
    }),
  ],
  [
    "a hop that no server accepts frees the character of its player",
    "the account does not go with the character",
    withFault(characterLockTable, "hopping", "expire", {
      to: ["free"],
      when: { is: "due", otherwise: "not-due" },
      step: () => go({ state: "free" }),
    }),
  ],
  [
    "a declined hop gives the character to the server that declined",
    "passed on by the wrong command",
    withFault(characterLockTable, "hopping", "decline", {
      to: ["playing"],
      step: ({ target, ...lock }, command) =>
        same(target, command.target) && lock.loginId1 === command.loginId1 && lock.charId === command.charId
          ? go({ ...lock, state: "playing", owner: target })
          : no("not-owner"),
    }),
  ],
  [
    "another client replaces a client that was choosing when its char-server died",
    "the ids changed",
    withFault(characterLockTable, "choosing", "open", {
      to: ["choosing"],
      step: (lock, { owner, loginId1, loginId2, sex }) => go({ ...lock, owner, loginId1, loginId2, sex }),
    }),
  ],
  [
    "any map-server reclaims",
    "reclaimed by another server",
    withFault(characterLockTable, "playing", "reclaim", {
      to: ["playing"],
      step: (lock, { owner: { server, incarnation, earlier }, charId, charFence, loginId1 }) =>
        earlier.includes(lock.owner.incarnation) &&
        same([lock.charId, lock.charFence, lock.loginId1], [charId, charFence, loginId1])
          ? go({ ...lock, owner: { server, incarnation } })
          : no("not-owner"),
    }),
  ],
  [
    "a character is reclaimed under an older fence",
    "done under another fence",
    withFault(characterLockTable, "playing", "reclaim", {
      to: ["playing"],
      step: (lock, { owner: { server, incarnation, earlier }, charId, loginId1 }) =>
        lock.owner.server === server &&
        earlier.includes(lock.owner.incarnation) &&
        same([lock.charId, lock.loginId1], [charId, loginId1])
          ? go({ ...lock, owner: { server, incarnation } })
          : no("not-owner"),
    }),
  ],
  [
    "a map-server that reclaims a character that it must release keeps it",
    "a step that was under way did not stay so",
    withFault(characterLockTable, "evicting", "reclaim", {
      to: ["playing", "evicting"],
      step: (lock, { owner: { server, incarnation, earlier } }) =>
        lock.owner.server === server && earlier.includes(lock.owner.incarnation)
          ? go({ ...lock, state: "playing", owner: { server, incarnation } })
          : no("not-owner"),
    }),
  ],
  [
    "every kick gives the map-server more time",
    "got more time",
    withFault(characterLockTable, "evicting", "evict", {
      to: ["evicting"],
      restarts: true,
      step: (lock) => {
        const { owner, charId, charFence } = lock;
        return go(lock, { type: "kick", owner, charId, charFence });
      },
    }),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(subjectOf(table))).toThrow(words);
});

test("it would be seen if a playing client had a timer", () => {
  const subject = subjectOf(characterLockTable, { ...characterDurations, playing: "chooseMs" });
  expect(() => holdsForKnown(subject)).toThrow("has a timer too many");
});
