import { describe, expect, test } from "vitest";
import {
  type AccountOwner,
  type AccountOwnerEvent,
  accountOwnerTable,
  decideAccount,
  decideBy,
  type LoginHere,
  mayHold,
  owns,
} from "../src/index.ts";
import { becomes, ids, laterIds, refused } from "./sample-locks.ts";

const account = { ...ids, accountFence: 3, trace: "trace" };
const newer = { ...laterIds, accountFence: 4, trace: "trace" };
const [visit, request] = [5, 9];
const at = { isRestoring: false, isLinked: true, request };
const restoring = { ...at, isRestoring: true };

const owner: { readonly [S in AccountOwner["state"]]: Extract<AccountOwner, { state: S }> } = {
  absent: { state: "absent" },
  asking: { state: "asking", visit, isThere: true, mayHold: false, account: null },
  entering: { state: "entering", visit, isThere: true, account },
  choosing: { state: "choosing", visit, hasChosen: false, account },
  "handed-over": { state: "handed-over", visit, isThere: true, account },
  "on-map": { state: "on-map", visit: null, account },
  releasing: { state: "releasing", request: 4, account },
  unknown: { state: "unknown", account },
};

const decide = (before: AccountOwner, event: AccountOwnerEvent, facts = at) =>
  decideBy(accountOwnerTable, before, event, facts);

const released = { state: "releasing", request, account };
const asksRelease = { type: "ask-release", request };
const look = { type: "look" };

describe("a client that shows login ids", () => {
  test("asks for the account, opens the character, and may choose", () => {
    const come = decide(owner.absent, { type: "come", visit, ids });
    expect(come).toEqual(becomes(owner.asking, { type: "ask-hold", visit, ids }));
    const held = decide(owner.asking, { type: "held", visit, account });
    expect(held).toEqual(becomes(owner.entering, { type: "open", visit, account }));
    const opened = decide(owner.entering, { type: "opened", visit });
    expect(opened).toEqual(becomes(owner.choosing, { type: "admit", visit, account }));
  });

  test("is refused at once while there is no link to the login-server", () => {
    const refusal = { type: "refuse", visit, refusal: "unavailable" };
    expect(decide(owner["on-map"], { type: "come", visit, ids }, { ...at, isLinked: false })).toEqual(
      becomes(owner["on-map"], refusal),
    );
  });

  test.each(["asking", "entering", "releasing"] as const)("has to wait while its login is %s", (state) => {
    expect(decide(owner[state], { type: "come", visit: 6, ids })).toEqual(refused("busy"));
  });

  test("that leaves meanwhile gets no lock, and what it got is given back", () => {
    const gone = decide(owner.entering, { type: "gone", visit });
    expect(gone).toEqual(becomes({ ...owner.entering, isThere: false }));
    expect(decide({ ...owner.entering, isThere: false }, { type: "opened", visit })).toEqual(
      becomes(owner.unknown, { type: "abandon" }, look),
    );
    const late = decide(owner.unknown, { type: "opened", visit });
    expect(late).toEqual(becomes(owner.unknown, { type: "abandon" }));
  });

  test("is refused, and an older login leaves, if that login has the character", () => {
    const event = { type: "not-opened", visit, refusal: "on-a-map" } as const;
    const refusal = { type: "refuse", visit, refusal: "already-online" };
    expect(decide(owner.entering, { ...event, lock: { loginId1: 7, accountFence: 2 } })).toEqual(
      becomes(released, asksRelease, { ...refusal, evicts: 7 }),
    );
    expect(decide(owner.entering, { ...event, lock: { loginId1: 7, accountFence: 4 } })).toEqual(
      becomes(released, asksRelease, refusal),
    );
  });

  test("is refused, and keeps the account, if its own login has the character", () => {
    const lock = { loginId1: ids.loginId1, accountFence: 3 };
    const event = { type: "not-opened", visit, lock } as const;
    const refusal = { type: "refuse", visit, refusal: "already-online" };
    expect(decide(owner.entering, { ...event, refusal: "on-a-map" })).toEqual(
      becomes(owner["on-map"], { ...refusal, evicts: ids.loginId1 }),
    );
    expect(decide(owner.entering, { ...event, refusal: "being-evicted" })).toEqual(
      becomes(owner["on-map"], refusal),
    );
    expect(decide(owner.entering, { ...event, refusal: "too-late" })).toEqual(
      becomes(released, asksRelease, { ...refusal, refusal: "not-logged-in" }),
    );
  });
});

describe("a client at character select", () => {
  test("that chooses twice is kicked, and its character leaves wherever it is", () => {
    const chosen = { ...owner.choosing, hasChosen: true };
    expect(decide(owner.choosing, { type: "choice", visit })).toEqual(becomes(chosen));
    const kicks = [
      { type: "kick", visit, reason: "second-choice" },
      { type: "evict", reason: "second-choice" },
    ];
    expect(decide(chosen, { type: "choice", visit })).toEqual(becomes(owner.unknown, ...kicks, look));
    expect(decide({ ...owner["on-map"], visit }, { type: "hand-over", visit })).toEqual(
      becomes(owner["on-map"], ...kicks),
    );
  });

  test("that was refused its choice may choose again, unless it left", () => {
    const declined = { type: "declined", visit } as const;
    expect(decide(owner["handed-over"], declined)).toEqual(becomes(owner.choosing));
    expect(decide({ ...owner["handed-over"], isThere: false }, declined)).toEqual(
      becomes(owner.unknown, { type: "abandon" }, look),
    );
  });

  test("gets its lock again if the store lost it, and must leave if another has it", () => {
    const again = { type: "open-again", account };
    expect(decide(owner.choosing, { type: "seen", lock: "free" }, restoring)).toEqual(
      becomes(owner.choosing, again),
    );
    const kick = { type: "kick", visit, reason: "lock-lost" };
    expect(decide(owner.choosing, { type: "seen", lock: "another's" }, restoring)).toEqual(
      becomes(released, kick, asksRelease),
    );
  });
});

describe("an account that the login-server wants back", () => {
  const kick = { type: "kick", reason: "logged-in-elsewhere" } as const;

  test.each(["absent", "on-map", "unknown"] as const)(
    "is released if its login is %s, but not while a map-server may still report the character",
    (state) => {
      expect(decide(owner[state], kick)).toMatchObject({
        next: { state: "releasing" },
        effects: [asksRelease],
      });
      expect(decide(owner[state], kick, restoring)).toEqual(becomes(owner[state]));
    },
  );

  test("is released by the client that has it, which is told why it must leave", () => {
    const told = { visit, ...kick };
    expect(decide(owner.choosing, kick)).toEqual(becomes(released, told, asksRelease));
    expect(decide(owner.asking, kick)).toEqual(becomes({ ...owner.asking, isThere: false }, told));
  });
});

test("an answer to another request, or to an earlier client, changes nothing", () => {
  expect(decide(owner.releasing, { type: "released", request: 3 })).toEqual(refused("late"));
  expect(decide(owner.releasing, { type: "released", request: 4 })).toEqual(becomes(owner.absent));
  expect(decide(owner.asking, { type: "not-held", visit: 4 })).toEqual(refused("late"));
  expect(decide(owner.choosing, { type: "gone", visit: 4 })).toEqual(refused("late"));
});

describe("an account with two logins", () => {
  const [older, later] = [ids.loginId1, laterIds.loginId1];
  const asking: LoginHere = { loginId1: later, owner: { ...owner.asking, visit: 6 } };
  const held = { loginId1: later, event: { type: "held", visit: 6, account: newer } } as const;

  test("belongs to the one that the login-server confirms, and the other's client must leave", () => {
    const decided = decideAccount([{ loginId1: older, owner: owner.choosing }, asking], held, at);
    expect(decided.logins).toMatchObject([{ loginId1: later, owner: { state: "entering" } }]);
    expect(decided.effects).toEqual([
      { type: "open", visit: 6, account: newer, loginId1: later },
      { type: "kick", visit, reason: "logged-in-elsewhere", loginId1: older },
    ]);
  });

  test("stays with the one that has it if a look speaks for the other, which is looked at again", () => {
    const here = [
      { loginId1: older, owner: owner.unknown },
      { loginId1: later, owner: { ...owner["on-map"], account: newer } },
    ];
    const seen = { loginId1: older, event: { type: "seen", lock: "ours" } } as const;
    const decided = decideAccount(here, seen, at);
    expect(decided.logins.filter((login) => owns(login.owner))).toMatchObject([{ loginId1: later }]);
    expect(decided.effects).toEqual([{ ...look, loginId1: older }]);
  });

  test("is not taken from the newer one by a late answer about the older one", () => {
    const here = [
      { loginId1: older, owner: owner.releasing },
      { loginId1: later, owner: { ...owner.choosing, visit: 6, account: newer } },
    ];
    const late = { loginId1: older, event: { type: "held", visit, account } } as const;
    const { logins, effects } = decideAccount(here, late, at);
    expect(logins.filter((login) => mayHold(login.owner))).toMatchObject([{ loginId1: later }]);
    expect(effects).toEqual([{ ...asksRelease, loginId1: older }]);
  });
});
