import { expect, test } from "vitest";
import { characterLockCore } from "../src/index.ts";
import {
  alphaAnew,
  at,
  becomes,
  character,
  characterEffect,
  characterCommand as command,
  deadlineMs,
  isDue,
  laterIds,
  mapAnew,
  otherMap,
  refused,
  timing,
  until,
} from "./sample-locks.ts";
import { timed } from "./timed-core.ts";

const decide = timed(characterLockCore(timing).decide);
const restoring = { ...at, isRestoring: true };
const { free, choosing, returning, entering, playing, evicting } = character;
const handingOver = character["handing-over"];
const { kick, lost, "kick-client": kickClient, "release-account": releaseAccount } = characterEffect;

test.each([
  {
    promise: "a client that shows its ids is at character select, with no character yet",
    decided: decide(free, command.open, at),
    is: becomes(until(choosing, timing.chooseMs)),
  },
  {
    promise: "a client gets no lock that its owner may still restore",
    decided: decide(free, command.open, restoring),
    is: refused("being-restored"),
  },
  {
    promise: "a client that was at character select opens its lock again if the store lost it",
    decided: decide(free, { ...command.open, isAgain: true }, restoring),
    is: becomes(until(choosing, timing.chooseMs)),
  },
  {
    promise: "a lock that was restored is decided like any other",
    decided: decide(playing, command.open, restoring),
    is: refused("on-a-map"),
  },
  {
    promise: "an account has one client at character select",
    decided: decide(choosing, command.open, at),
    is: refused("already-choosing"),
  },
  {
    promise: "a client on a map is not at character select too",
    decided: decide(playing, command.open, at),
    is: refused("on-a-map"),
  },
  {
    promise: "a client that is still choosing is renewed",
    decided: decide(choosing, command.renew, at),
    is: becomes(until(choosing, timing.chooseMs)),
  },
  {
    promise: "another incarnation of the char-server does not renew it",
    decided: decide(choosing, { ...command.renew, owner: alphaAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a choice names the character and the map-server that gets it",
    decided: decide(choosing, command.choose, at),
    is: becomes(until(handingOver, timing.handOverMs)),
  },
  {
    promise: "an older login cannot choose for a newer one",
    decided: decide({ ...choosing, ...laterIds }, command.choose, at),
    is: refused("not-owner"),
  },
  {
    promise: "a char-server in another incarnation cannot choose",
    decided: decide(choosing, { ...command.choose, owner: alphaAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a second choice while the first is on its way has its own refusal",
    decided: decide(handingOver, command.choose, at),
    is: refused("second-choice"),
  },
  {
    promise: "a second choice after the map-server has the character has its own refusal",
    decided: decide(entering, command.choose, at),
    is: refused("second-choice"),
  },
  {
    promise: "the map-server that acknowledges owns the character, and waits for the client",
    decided: decide(handingOver, command.acknowledge, at),
    is: becomes(until(entering, timing.charToMapMs)),
  },
  {
    promise: "a map-server cannot acknowledge a character for another map-server",
    decided: decide(handingOver, { ...command.acknowledge, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server in a new incarnation cannot acknowledge a character for its last one",
    decided: decide(handingOver, { ...command.acknowledge, owner: mapAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server cannot acknowledge another character",
    decided: decide(handingOver, { ...command.acknowledge, charId: 151 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server's late yes to an older login does not count for a newer one",
    decided: decide({ ...handingOver, ...laterIds }, command.acknowledge, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server's late no to an older login does not count for a newer one",
    decided: decide({ ...handingOver, ...laterIds }, command.decline, at),
    is: refused("not-owner"),
  },
  {
    promise: "an acknowledgement that comes when the lock is free again changes nothing",
    decided: decide(free, command.acknowledge, at),
    is: refused("no-lock"),
  },
  {
    promise: "a character that no map-server accepts is back at character select",
    decided: decide(handingOver, command.decline, at),
    is: becomes(until(choosing, timing.chooseMs)),
  },
  {
    promise: "the client plays once it has shown account, character and login_id1",
    decided: decide(entering, command.enter, at),
    is: becomes(playing),
  },
  {
    promise: "a client cannot enter with another character",
    decided: decide(entering, { ...command.enter, charId: 151 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a client cannot enter with another login_id1",
    decided: decide(entering, { ...command.enter, loginId1: 21 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a client cannot enter through another map-server",
    decided: decide(entering, { ...command.enter, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a client cannot enter at the deadline or after it",
    decided: decide(entering, command.enter, isDue),
    is: refused("too-late"),
  },
  {
    promise: "a client that does not reach its map-server in time loses both locks",
    decided: decide(entering, command.expire, isDue),
    is: becomes(free, lost, releaseAccount),
  },
  {
    promise: "a client may reach its map-server until just before the deadline",
    decided: decide(entering, command.expire, { nowMs: deadlineMs - 1 }),
    is: refused("not-due"),
  },
  {
    promise: "a playing client has no timer",
    decided: decide(playing, command.expire, { nowMs: Number.MAX_SAFE_INTEGER }),
    is: refused("not-due"),
  },
  {
    promise: "leaving a map releases both locks",
    decided: decide(playing, command.leave, at),
    is: becomes(free, releaseAccount),
  },
  {
    promise: "a map-server cannot release a character that another owns",
    decided: decide(playing, { ...command.leave, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server's late leave does not release a character that was handed to it again",
    decided: decide(playing, { ...command.leave, charFence: 2 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "leaving with one character does not release another under the same fence",
    decided: decide(playing, { ...command.leave, charId: 151 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "going back to character select keeps the ids and gives the client a time to come",
    decided: decide(playing, command.return, at),
    is: becomes(until(returning, timing.mapToCharMs)),
  },
  {
    promise: "only a playing client goes back to character select",
    decided: decide(entering, command.return, at),
    is: refused("not-on-a-map"),
  },
  {
    promise: "the same ids are at character select again",
    decided: decide(returning, command.open, at),
    is: becomes(until(choosing, timing.chooseMs)),
  },
  {
    promise: "other ids do not replace a client on its way back",
    decided: decide(returning, { ...command.open, ...laterIds }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a client on its way back is too late at the deadline",
    decided: decide(returning, command.open, isDue),
    is: refused("too-late"),
  },
  {
    promise: "a client that leaves character select releases both locks",
    decided: decide(choosing, command.abandon, at),
    is: becomes(free, releaseAccount),
  },
  {
    promise: "the end of an older login does not end a newer one",
    decided: decide({ ...choosing, ...laterIds }, command.abandon, at),
    is: refused("not-owner"),
  },
  {
    promise: "a char-server cannot abandon a character that a map-server owns",
    decided: decide(playing, command.abandon, at),
    is: refused("not-owner"),
  },
  {
    promise: "a kick at character select asks no owner: the client leaves at once",
    decided: decide(choosing, command.evict, at),
    is: becomes(free, kickClient, releaseAccount),
  },
  {
    promise: "a kick takes a character on its way to a map-server back at once",
    decided: decide(handingOver, command.evict, at),
    is: becomes(free, kickClient, releaseAccount),
  },
  {
    promise: "a map-server is asked to release its character, within a time",
    decided: decide(playing, command.evict, at),
    is: becomes(until(evicting, timing.evictMs), kick),
  },
  {
    promise: "a map-server is also asked for a character whose client has not entered yet",
    decided: decide(entering, command.evict, at),
    is: becomes(until(evicting, timing.evictMs), kick),
  },
  {
    promise: "a map-server is asked again, and gets no more time",
    decided: decide(evicting, command.evict, at),
    is: becomes(evicting, kick),
  },
  {
    promise: "no client enters while the map-server is asked to release",
    decided: decide(evicting, command.enter, at),
    is: refused("being-evicted"),
  },
  {
    promise: "a map-server that did not release in time loses the character",
    decided: decide(evicting, command.expire, isDue),
    is: becomes(free, lost, releaseAccount),
  },
  {
    promise: "a character plays on when its map-server comes back and reclaims it",
    decided: decide(playing, command.reclaim, at),
    is: becomes({ ...playing, owner: mapAnew }),
  },
  {
    promise: "a map-server that reclaims a character twice still owns it",
    decided: decide({ ...playing, owner: mapAnew }, command.reclaim, at),
    is: becomes({ ...playing, owner: mapAnew }),
  },
  {
    promise: "a character whose client is awaited is reclaimed too, with the same deadline",
    decided: decide(entering, command.reclaim, at),
    is: becomes({ ...entering, owner: mapAnew }),
  },
  {
    promise:
      "a map-server that reclaims a character that it was asked for is asked again, and gets no more time",
    decided: decide(evicting, command.reclaim, at),
    is: becomes({ ...evicting, owner: mapAnew }, { ...kick, owner: mapAnew }),
  },
  {
    promise: "a character that must be released is not reclaimed under an older fence",
    decided: decide(evicting, { ...command.reclaim, charFence: 2 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a character that must be released is not reclaimed by another map-server",
    decided: decide(evicting, { ...command.reclaim, owner: { ...otherMap, earlier: ["map-1"] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server cannot reclaim from an incarnation that has not ended",
    decided: decide(playing, { ...command.reclaim, owner: { ...mapAnew, earlier: [] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a character is not reclaimed under an older fence",
    decided: decide(playing, { ...command.reclaim, charFence: 2 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a character is not reclaimed as another of its account",
    decided: decide(playing, { ...command.reclaim, charId: 151 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a character is not reclaimed for another login",
    decided: decide(playing, { ...command.reclaim, loginId1: laterIds.loginId1 }, at),
    is: refused("ids-differ"),
  },
  {
    promise: "a character is not reclaimed by another map-server, whatever incarnations it claims",
    decided: decide(playing, { ...command.reclaim, owner: { ...otherMap, earlier: ["map-1"] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server does not reclaim a character that it never acknowledged",
    decided: decide(handingOver, command.reclaim, at),
    is: refused("not-owner"),
  },
  {
    promise: "the locks of a map-server's characters end with its server lock",
    decided: decide(playing, command.forfeit, at),
    is: becomes(free, lost, releaseAccount),
  },
  {
    promise: "a client whose lock is not renewed loses character select at the deadline",
    decided: decide(choosing, command.expire, isDue),
    is: becomes(free, kickClient, releaseAccount),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});

const anew = { ...command.open, owner: alphaAnew };

test.each([
  ["on its way back", returning],
  ["that was choosing", choosing],
  ["whose choice was on its way", handingOver],
])("a client %s continues at another process of its char-server", (_client, lock) => {
  expect(decide(lock, anew, at)).toEqual(becomes({ ...until(choosing, timing.chooseMs), owner: alphaAnew }));
});

test.each([choosing, handingOver])(
  "another process of the char-server does not give other ids a character lock that is $state",
  (lock) => {
    expect(decide(lock, { ...anew, ...laterIds }, at)).toEqual(refused("already-choosing"));
    expect(decide(lock, command.open, at)).toEqual(refused("already-choosing"));
  },
);
