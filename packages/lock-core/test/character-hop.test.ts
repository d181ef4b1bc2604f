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
import { timed } from "./timed-core.ts";

const decide = timed(characterLockCore(timing).decide);
const { free, entering, playing, hopping, returning, evicting } = character;
/** The target acknowledges the character under the fence that was raised for it. */
const takes = { ...command.acknowledge, owner: otherMap, charFence: 4 };
const declines = { ...command.decline, target: otherMap };
const { kick, lost, "release-account": releaseAccount } = characterEffect;

test.each([
  {
    promise: "a map-server that passes on a character owns it until the other map-server does",
    decided: decide(playing, command.hop, at),
    is: becomes(until(hopping, timing.handOverMs)),
  },
  {
    promise: "a map-server cannot pass on a character that another owns",
    decided: decide(playing, { ...command.hop, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server cannot pass on a character under an older fence",
    decided: decide(playing, { ...command.hop, charFence: 2 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a character is not passed on before its client has entered",
    decided: decide(entering, command.hop, at),
    is: refused("not-on-a-map"),
  },
  {
    promise: "a character that hops cannot hop elsewhere too",
    decided: decide(hopping, { ...command.hop, target: mapAnew }, at),
    is: refused("hopping"),
  },
  {
    promise: "a character whose client must leave cannot hop",
    decided: decide(evicting, command.hop, at),
    is: refused("being-evicted"),
  },
  {
    promise:
      "the map-server that accepts a hop owns the character under the raised fence, and waits for the client",
    decided: decide(hopping, takes, at),
    is: becomes({ ...until(entering, timing.charToMapMs), owner: otherMap, charFence: 4 }),
  },
  {
    promise: "a map-server cannot accept a hop to another",
    decided: decide(hopping, { ...takes, owner: mapAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a hop cannot be accepted under the fence that the owner has",
    decided: decide(hopping, { ...takes, charFence: 3 }, at),
    is: refused("stale-fence"),
  },
  {
    promise: "a late yes to a hop does not count after the player left",
    decided: decide(free, takes, at),
    is: refused("no-lock"),
  },
  {
    promise: "a late yes to a hop does not count after the character was asked for",
    decided: decide(evicting, takes, at),
    is: refused("not-handing-over"),
  },
  {
    promise: "a character whose hop is declined plays on where it was, under the same fence",
    decided: decide(hopping, declines, at),
    is: becomes(playing),
  },
  {
    promise: "a no of another map-server does not end a hop",
    decided: decide(hopping, { ...declines, target: mapAnew }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a character whose hop is not answered plays on where it was",
    decided: decide(hopping, command.expire, isDue),
    is: becomes(playing),
  },
  {
    promise: "a hop may be answered until just before its deadline",
    decided: decide(hopping, command.expire, { nowMs: deadlineMs - 1 }),
    is: refused("not-due"),
  },
  {
    promise: "a character that hops may leave through the map-server that still owns it",
    decided: decide(hopping, command.leave, at),
    is: becomes(free, releaseAccount),
  },
  {
    promise: "a map-server cannot release a character that is only on its way to it",
    decided: decide(hopping, { ...command.leave, owner: otherMap, charFence: 4 }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a character that hops may go back to character select instead",
    decided: decide(hopping, command.return, at),
    is: becomes(until(returning, timing.mapToCharMs)),
  },
  {
    promise: "the map-server that still owns a hopping character is asked to release it",
    decided: decide(hopping, command.evict, at),
    is: becomes(until(evicting, timing.evictMs), kick),
  },
  {
    promise: "a hopping character's lock ends with the server lock of the map-server that owns it",
    decided: decide(hopping, command.forfeit, at),
    is: becomes(free, lost, releaseAccount),
  },
  {
    promise: "a hopping character's lock does not end with the server lock of the map-server that it goes to",
    decided: decide(hopping, { ...command.forfeit, owner: otherMap }, at),
    is: refused("not-owner"),
  },
  {
    promise: "a map-server that came back reclaims a hopping character, and the hop goes on",
    decided: decide(hopping, command.reclaim, at),
    is: becomes({ ...hopping, owner: mapAnew }),
  },
  {
    promise: "the map-server that a hop goes to does not reclaim the character",
    decided: decide(hopping, { ...command.reclaim, owner: { ...otherMap, earlier: [] } }, at),
    is: refused("not-owner"),
  },
  {
    promise: "no other client is admitted while a character hops",
    decided: decide(hopping, command.open, at),
    is: refused("on-a-map"),
  },
])("$promise", ({ decided, is }) => {
  expect(decided).toEqual(is);
});
