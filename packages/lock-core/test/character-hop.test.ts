import { expect, test } from "vitest";
import { characterLockCore } from "../src/index.ts";
import {
  at,
  becomes,
  character,
  characterEffect,
  characterCommand as command,
  deadlineMs,
  isDue,
  mapAnew,
  otherMap,
  refused,
  timing,
  until,
} from "./sample-locks.ts";

const { decide } = characterLockCore(timing);
const { free, entering, playing, hopping, returning, evicting } = character;
/** As the target acknowledges what hops: under the fence that was raised for it. */
const takes = { ...command.acknowledge, owner: otherMap, charFence: 4 };
const declines = { ...command.decline, target: otherMap };
const { kick, lost, "release-account": releaseAccount } = characterEffect;

test.each([
  {
    promise: "a map-server that passes its character on has it until the other one does",
    decided: decide(playing, command.hop, at),
    is: becomes(until(hopping, timing.handOverMs)),
  },
  {
    promise: "a map-server does not pass on what another owns",
    decided: decide(playing, { ...command.hop, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server does not pass on under an older fence",
    decided: decide(playing, { ...command.hop, charFence: 2 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "nobody is passed on before having entered",
    decided: decide(entering, command.hop, at),
    is: refused("not-on-a-map"),
  },
  {
    promise: "who hops already does not hop elsewhere too",
    decided: decide(hopping, { ...command.hop, target: mapAnew }, at),
    is: refused("hopping"),
  },
  {
    promise: "who is asked to go does not hop away from it",
    decided: decide(evicting, command.hop, at),
    is: refused("being-evicted"),
  },
  {
    promise: "the map-server that takes what hops owns it under the raised fence, and waits for the client",
    decided: decide(hopping, takes, at),
    is: becomes({ ...until(entering, timing.charToMapMs), owner: otherMap, charFence: 4 }),
  },
  {
    promise: "a map-server does not take what hops to another",
    decided: decide(hopping, { ...takes, owner: mapAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "nobody takes what hops under the fence that its owner has",
    decided: decide(hopping, { ...takes, charFence: 3 }, at),
    is: refused("stale-fence"),
  },
  {
    promise: "a late yes to a hop is none once its player left",
    decided: decide(free, takes, at),
    is: refused("no-lock"),
  },
  {
    promise: "a late yes to a hop is none once the character is asked for",
    decided: decide(evicting, takes, at),
    is: refused("not-handing-over"),
  },
  {
    promise: "who hops to a map-server that says no plays on where it was, under the same fence",
    decided: decide(hopping, declines, at),
    is: becomes(playing),
  },
  {
    promise: "a no of another map-server ends no hop",
    decided: decide(hopping, { ...declines, target: mapAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "who hops to a map-server that says nothing plays on where it was",
    decided: decide(hopping, command.expire, isDue),
    is: becomes(playing),
  },
  {
    promise: "a hop is waited for until just before its deadline",
    decided: decide(hopping, command.expire, { nowMs: deadlineMs - 1 }),
    is: refused("not-due"),
  },
  {
    promise: "who hops may leave by the map-server that has it still",
    decided: decide(hopping, command.leave, at),
    is: becomes(free, releaseAccount),
  },
  {
    promise: "a map-server does not leave what is only meant for it",
    decided: decide(hopping, { ...command.leave, owner: otherMap, charFence: 4 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "who hops may go back to character select instead",
    decided: decide(hopping, command.return, at),
    is: becomes(until(returning, timing.mapToCharMs)),
  },
  {
    promise: "of who hops, the map-server that has it still is asked to let go",
    decided: decide(hopping, command.evict, at),
    is: becomes(until(evicting, timing.evictMs), kick),
  },
  {
    promise: "what hops ends with the server lock of the one that has it",
    decided: decide(hopping, command.forfeit, at),
    is: becomes(free, lost, releaseAccount),
  },
  {
    promise: "what hops does not end with the server lock of the one it was meant for",
    decided: decide(hopping, { ...command.forfeit, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server that came back reclaims what hops, and the hop goes on",
    decided: decide(hopping, command.reclaim, at),
    is: becomes({ ...hopping, owner: mapAnew }),
  },
  {
    promise: "who is to be hopped to does not reclaim what hops",
    decided: decide(hopping, { ...command.reclaim, owner: { ...otherMap, earlier: [] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "nobody else is let in while a character hops",
    decided: decide(hopping, command.open, at),
    is: refused("on-a-map"),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});
