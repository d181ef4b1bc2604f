import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AccountCommand,
  type AccountEffect,
  type AccountLock,
  type AccountRefusal,
  accountDurations,
  accountLockCore,
  accountLockTable,
  decideWithin,
  go,
  type LoginIds,
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
import { account, alpha, alphaAnew, beta, timing } from "./sample-locks.ts";
import { deadlineOf, type Timed, timed } from "./timed-core.ts";

const owner = fc.constantFrom(alpha, alphaAnew, beta);
const claimant = fc
  .tuple(owner, fc.constantFrom([], ["alpha-1"], ["alpha-2"], ["beta-1"]))
  .map(([claiming, earlier]) => ({ ...claiming, earlier }));

const commands = anyOf<AccountCommand>({
  grant: withIds({ fence: anyFence }),
  hold: withIds({ owner: claimant }),
  release: fc.record({ owner, loginId1: anyLoginId1 }),
  evict: fc.record({ fence: anyFence }),
  "put-out": fc.record({ fence: anyFence, told: fc.constant({ reason: "banned", untilMs: 5, text: null }) }),
  reclaim: withIds({ owner: claimant }),
  forfeit: fc.record({ owner }),
  expire: nothing,
});

function aim(command: AccountCommand, lock: AccountLock): AccountCommand {
  if (lock.state === "free") return command;
  if (command.type === "grant" || command.type === "evict" || command.type === "put-out")
    return { ...command, fence: lock.fence + 1 };
  const owner = "owner" in lock && { owner: lock.owner };
  const back = "owner" in lock && { owner: { ...alphaAnew, earlier: [lock.owner.incarnation] } };
  return { ...command, ...idsOf(lock), ...(command.type === "reclaim" ? back : owner) } as AccountCommand;
}

/** With these commands, a server that came back can get a lock of its earlier incarnation. */
const claims: readonly string[] = ["hold", "reclaim"];

const earlierOf = (command: AccountCommand): readonly string[] =>
  command.type === "hold" || command.type === "reclaim" ? command.owner.earlier : [];

function wrongs({
  before,
  command,
  next,
  effects,
}: Step<AccountLock, AccountCommand, AccountEffect>): Wrong[] {
  const asks = "owner" in command ? command.owner : undefined;
  const [was, is] = [ownerIn(before), ownerIn(next)];
  const isPutOut = command.type === "put-out" && was !== undefined;
  const isAsked =
    command.type === "evict" || isPutOut || (command.type === "reclaim" && before.state === "evicting");
  const isLost = was !== undefined && next.state === "free" && command.type !== "release";
  return [
    command.type === "forfeit" && !isOwnedBy(before, asks) && "the end of another incarnation ended it",
    command.type === "release" && was?.server !== asks?.server && "another server spoke for the owner",
    !was && is && command.type !== "hold" && "owned without a hold",
    was && is && !same(was, is) && !claims.includes(command.type) && "owned by another without a reclaim",
    was && is && was.server !== is.server && "reclaimed by another server",
    was &&
      is &&
      !same(was, is) &&
      !earlierOf(command).includes(was.incarnation) &&
      "reclaimed from an incarnation that has not ended",
    countOf(effects, "kick") !== Number(isAsked) && "the owner was not asked once",
    (command.type === "evict" || command.type === "put-out") &&
      "fence" in before &&
      before.fence > command.fence &&
      "an older login pushed it out",
    countOf(effects, "lost") !== Number(isLost) && "the owner was not told of its loss once",
    effects.some((effect) => !same(effect.owner, isAsked ? is : was)) && "the wrong server was told",
    next.state !== "free" &&
      !same(idsOf(next), idsOf(command.type === "grant" ? command : (before as LoginIds))) &&
      "ids that no login gave",
    command.type === "release" &&
      before.state !== "free" &&
      before.loginId1 !== command.loginId1 &&
      "released by other ids",
    before.state !== "free" &&
      next.state !== "free" &&
      Math.sign(next.fence - before.fence) !== Number(command.type === "grant") &&
      "the fence did not rise by a grant, and by nothing else",
  ];
}

const subjectOf = (
  table: typeof accountLockTable,
): Subject<Timed<AccountLock>, AccountCommand, AccountEffect> => ({
  ...accountLockCore(timing),
  table,
  samples: account,
  decide: timed(decideWithin(table, accountDurations, timing)),
  deadlineOf,
  commands,
  aim,
  refusals: words<AccountRefusal>({
    "no-lock": true,
    "not-held": true,
    held: true,
    "held-elsewhere": true,
    "being-evicted": true,
    "not-owner": true,
    "ids-differ": true,
    "stale-fence": true,
    "too-late": true,
    "not-due": true,
  }),
  timed: ["granted", "evicting"],
  wrongs,
});

test("under any commands, an account lock's fence rises, its ids are the newest, and only its owner ends it", () => {
  holds(subjectOf(accountLockTable));
});

const { evict } = accountLockTable.held;

test.each([
  [
    "an older login wins",
    "the fence did not rise",
    withFault(accountLockTable, "granted", "grant", {
      to: ["granted"],
      step: (lock, { type: _, ...command }) => go({ ...lock, ...command }),
    }),
  ],
  [
    "a hold does not look at the ids",
    "ids that no login gave",
    withFault(accountLockTable, "granted", "hold", {
      to: ["held"],
      step: ({ fence }, { type: _, owner: { server, incarnation }, ...shown }) =>
        go({ ...shown, owner: { server, incarnation }, state: "held", fence }),
    }),
  ],
  [
    "a second char-server holds a held account",
    "reclaimed by another server",
    withFault(accountLockTable, "held", "hold", {
      to: ["held"],
      step: (lock, { owner: { server, incarnation } }) =>
        go(lock.owner.server === server ? lock : { ...lock, owner: { server, incarnation } }),
    }),
  ],
  [
    "any server releases",
    "another server spoke",
    withFault(accountLockTable, "held", "release", {
      to: ["free"],
      step: (lock, { loginId1 }) => (lock.loginId1 === loginId1 ? go({ state: "free" }) : no("not-owner")),
    }),
  ],
  [
    "every kick gives the owner more time",
    "got more time",
    withFault(accountLockTable, "evicting", "evict", {
      to: ["evicting"],
      restarts: true,
      step: (lock, { fence }) =>
        lock.fence > fence
          ? no("stale-fence")
          : go(lock, { type: "kick", owner: lock.owner, loginId1: lock.loginId1 }),
    }),
  ],
  [
    "any server reclaims",
    "reclaimed by another server",
    withFault(accountLockTable, "held", "reclaim", {
      to: ["held"],
      step: (lock, { owner: { server, incarnation, earlier } }) =>
        earlier.includes(lock.owner.incarnation)
          ? go({ ...lock, owner: { server, incarnation } })
          : no("not-owner"),
    }),
  ],
  [
    "an earlier incarnation reclaims from a later one",
    "reclaimed from an incarnation that has not ended",
    withFault(accountLockTable, "held", "reclaim", {
      to: ["held"],
      step: (lock, { owner: { server, incarnation } }) =>
        lock.owner.server === server ? go({ ...lock, owner: { server, incarnation } }) : no("not-owner"),
    }),
  ],
  [
    "a kick that was lost with the link is forgotten",
    "the owner was not asked once",
    withFault(accountLockTable, "evicting", "reclaim", {
      to: ["evicting"],
      step: (lock, { owner: { server, incarnation, earlier } }) =>
        lock.owner.server === server && earlier.includes(lock.owner.incarnation)
          ? go({ ...lock, owner: { server, incarnation } })
          : no("not-owner"),
    }),
  ],
  [
    "an expired lock stays",
    "due, and not expired",
    withFault(accountLockTable, "evicting", "expire", "not-due"),
  ],
  [
    "a timer ends early",
    "expired before its deadline",
    withFault(accountLockTable, "granted", "expire", { to: ["free"], step: () => go({ state: "free" }) }),
  ],
  [
    "a table declares a move that never happens",
    "held × evict → free",
    withFault(
      accountLockTable,
      "held",
      "evict",
      typeof evict === "string" ? evict : { ...evict, to: ["evicting", "free"] },
    ),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(subjectOf(table))).toThrow(words);
});
