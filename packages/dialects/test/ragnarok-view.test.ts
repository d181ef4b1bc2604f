import { type ActorIds, type Cell, type MapDoor, refused } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { bytesOf } from "./ragnarok-bytes.ts";
import { dialects, hex, type RagnarokClient } from "./ragnarok-client.ts";
import {
  bob,
  bobId,
  bobIds,
  bobToDir,
  east,
  entered,
  enters,
  loaded,
  moveFrom,
  ownId,
  ownIds,
  playing,
  standing,
  startMs,
} from "./ragnarok-on-map.ts";

function isToldSteps(client: RagnarokClient<MapDoor>, ids: ActorIds, path: readonly Cell[]): void {
  for (const [nth, { x, y }] of path.entries())
    client.isTold({ type: "actor.moved", ...ids, x, y, path, walked: nth + 1 });
}

describe("an actor in view", () => {
  let client: RagnarokClient<MapDoor>;
  beforeEach(() => {
    client = playing();
  });

  test("appears standing", () => {
    client.isTold({ type: "actor.appeared", ...bob });
    expect(client.hears()).toBe(hex(standing("258b54")));
  });

  test("appears walking, and arrives without another packet", () => {
    client.isTold({ type: "actor.appeared", ...bob, path: east(bob, 2) });
    expect(client.hears()).toBe(
      hex(
        `f707 5d00 00 ${bobId} c800 0000 0000 00000000 0000 0700 00*6 aa4e2700 ${bobToDir} 00*8 00*4 00 01
        ${moveFrom(bob, { x: 152, y: 181 })} 05 05 0100 0000 "Bob" 00*21`,
      ),
    );
    isToldSteps(client, bobIds, east(bob, 2));
    expect(client.hears()).toBe("");
  });

  test("starts to walk, and changes its path from its present cell", () => {
    client.isTold({ type: "actor.appeared", ...bob });
    client.hears();
    client.nowMs = 0x0027_62d9;
    client.isTold({ type: "actor.walks", ...bobIds, x: 150, y: 181, path: east(bob, 3), walked: 0 });
    expect(client.hears()).toBe(hex(`8600 ${bobId} ${moveFrom(bob, { x: 153, y: 181 })} d9622700`));
    client.isTold({ type: "actor.moved", ...bobIds, x: 151, y: 181, path: east(bob, 3), walked: 1 });
    const path = [{ x: 151, y: 182 }];
    client.isTold({ type: "actor.walks", ...bobIds, x: 151, y: 181, path, walked: 0 });
    expect(client.hears()).toBe(
      hex(`8600 ${bobId} ${moveFrom({ x: 151, y: 181 }, { x: 151, y: 182 })} d9622700`),
    );
  });

  test("walks far in legs that clients can show, each from the end of the one before", () => {
    client.isTold({ type: "actor.appeared", ...bob });
    client.hears();
    const path = east(bob, 31);
    client.isTold({ type: "actor.walks", ...bobIds, x: 150, y: 181, path, walked: 0 });
    const told: string[] = [client.hears()];
    for (const [nth, { x, y }] of path.entries()) {
      client.isTold({ type: "actor.moved", ...bobIds, x, y, path, walked: nth + 1 });
      told.push(client.hears());
    }
    const legs = [
      [150, 164],
      [164, 178],
      [178, 181],
    ].map(([from = 0, to = 0]) =>
      hex(`8600 ${bobId} ${moveFrom({ x: from, y: 181 }, { x: to, y: 181 })} aa4e2700`),
    );
    expect(told.filter((each) => each !== "")).toEqual(legs);
    expect([told[0], told[14], told[28]]).toEqual(legs);
  });

  test("appears in the middle of its walk, on the leg that all clients see", () => {
    const path = east(bob, 20);
    client.isTold({ type: "actor.appeared", ...bob, x: 155, path, walked: 5 });
    expect(client.hears()).toContain(hex(moveFrom({ x: 155, y: 181 }, { x: 164, y: 181 })));
    client.isTold({ type: "actor.moved", ...bobIds, x: 164, y: 181, path, walked: 14 });
    const leg = moveFrom({ x: 164, y: 181 }, { x: 170, y: 181 });
    expect(client.hears()).toBe(hex(`8600 ${bobId} ${leg} aa4e2700`));
  });

  test("is encoded once for all clients of a dialect, except for the actor's own client", () => {
    const dialect = dialects().map;
    const streams = [dialect.open(startMs), dialect.open(startMs)];
    for (const stream of streams) {
      const [entering] = stream.receive(bytesOf(enters), startMs);
      stream.answer(entering?.answerTo ?? 0, { ok: true, value: entered }, startMs);
      const [looking] = stream.receive(bytesOf(loaded), startMs);
      stream.answer(looking?.answerTo ?? 0, { ok: true, value: {} }, startMs);
      stream.takeOutput();
    }
    const appeared = { type: "actor.appeared", ...bob } as const;
    const walks = { type: "actor.walks", ...ownIds, x: 1, y: 1, path: [{ x: 2, y: 1 }], walked: 0 } as const;
    for (const stream of streams) {
      stream.event(appeared, startMs);
      stream.event(walks, startMs);
    }
    const [first, second] = streams.map((stream) => stream.takeOutput());
    expect(first).toHaveLength(2);
    expect(second?.[0]).toBe(first?.[0]);
    expect(second?.[1]).not.toBe(first?.[1]);
  });

  test("stops on the given cell", () => {
    client.isTold({ type: "actor.appeared", ...bob, path: east(bob, 9) });
    client.hears();
    client.isTold({ type: "actor.walks", ...bobIds, x: 150, y: 181, path: [], walked: 0 });
    expect(client.hears()).toBe(hex(`8800 ${bobId} 9600 b500`));
  });

  test("goes out of view", () => {
    client.isTold({ type: "actor.appeared", ...bob });
    client.hears();
    client.isTold({ type: "actor.vanished", ...bobIds });
    expect(client.hears()).toBe(hex(`8000 ${bobId} 00`));
  });

  test("is named on request if the server sees it too, like the character itself", () => {
    expect(client.says(`8c00 00*8 ${bobId} 8c00 00*8 ${ownId} 8c00 00*8 01000000`)).toEqual([
      { type: "map.name", actor: bob.accountId },
      { type: "map.name", actor: 1 },
    ]);
    expect(client.hears()).toBe(hex(`9500 ${ownId} "TestChar" 00*16`));
    client.isAnswered("map.name", { ok: true, value: { name: "Bob" } });
    client.isAnswered("map.name", { ok: true, value: { name: null } });
    expect(client.hears()).toBe(hex(`9500 ${bobId} "Bob" 00*21`));
  });

  test("is not named to a client that asks for very many names at once", () => {
    const asked = client.says(`8c00 00*8 ${bobId} `.repeat(40));
    expect(asked).toHaveLength(16);
    for (const _ of asked) client.isAnswered("map.name", { ok: true, value: { name: "Bob" } });
    expect(client.says(`8c00 00*8 ${bobId}`)).toHaveLength(1);
  });

  test("chats under its own name", () => {
    client.isTold({ type: "actor.appeared", ...bob });
    client.hears();
    client.isTold({ type: "actor.said", ...bobIds, name: "Bob", text: "hé €" });
    expect(client.hears()).toBe(hex(`8d00 1300 ${bobId} "Bob : h" e9 20 80 00`));
    client.isTold({ type: "actor.said", ...ownIds, name: "TestChar", text: "me" });
    expect(client.hears()).toBe(hex(`8e00 1200 "TestChar : me" 00`));
  });

  test("chats in lines that clients can hold", () => {
    client.isTold({ type: "actor.said", ...ownIds, name: "TestChar", text: "x".repeat(256) });
    expect(client.hears()).toBe(hex(`8e00 0401 "TestChar : " 78*244 00`));
  });
});

describe("walking", () => {
  const asks = "a700 00000000 258b50";
  const there = { x: 150, y: 181 };
  const ok = { ok: true, value: { steps: 1 } } as const;

  test("is requested, and shown from the character's present cell", () => {
    const client = playing();
    expect(client.says(asks)).toEqual([{ type: "map.walk", ...there }]);
    client.nowMs = 0x0027_62d9;
    const path = [{ x: 155, y: 190 }, there];
    client.isTold({ type: "actor.walks", ...ownIds, x: 156, y: 191, path, walked: 0 });
    client.isAnswered("map.walk", ok);
    expect(client.hears()).toBe(hex("8700 d9622700 270bf258b588"));
  });

  test("far goes in legs, as for other actors", () => {
    const client = playing();
    const from = { x: 156, y: 191 };
    const path = east(from, 16);
    client.isTold({ type: "actor.walks", ...ownIds, ...from, path, walked: 0 });
    expect(client.hears()).toBe(hex(`8700 aa4e2700 ${moveFrom(from, { x: 170, y: 191 })}`));
    isToldSteps(client, ownIds, path);
    expect(client.hears()).toBe(hex(`8700 aa4e2700 ${moveFrom({ x: 170, y: 191 }, { x: 172, y: 191 })}`));
  });

  test("that is refused leaves the character where it is", () => {
    const client = playing();
    client.says(asks);
    expect(client.isAnswered("map.walk", refused("no-path"))).toEqual([]);
    expect(client.hears()).toBe("");
  });

  test("that is requested repeatedly has one request under way, and the newest goes next", () => {
    const client = playing();
    expect(client.says(asks)).toHaveLength(1);
    for (let i = 0; i < 500; i += 1) expect(client.says(asks)).toEqual([]);
    // The client asks to walk to the cell 10,20.
    expect(client.says("a700 00000000 028140")).toEqual([]);
    expect(client.isAnswered("map.walk", ok)).toEqual([{ type: "map.walk", x: 10, y: 20 }]);
    expect(client.isAnswered("map.walk", ok)).toEqual([]);
    expect(client.says(asks)).toHaveLength(1);
  });
});

describe("speaking", () => {
  const line = (text: string) => {
    const length = (4 + text.length + 1).toString(16).padStart(4, "0");
    return `f300 ${length.slice(2)}${length.slice(0, 2)} "${text}" 00`;
  };

  test("passes on the words without the name before them", () => {
    expect(playing().says(`f300 1c00 "TestChar : hello from A" 00`)).toEqual([
      { type: "map.say", text: "hello from A" },
    ]);
  });

  test.each([["Bob : hello"], ["TestChar: hello"], ["hello"], ["TestCharly : hello"], [""]])(
    "without a name, or under another's, is ignored: %s",
    (text) => {
      expect(playing().says(line(text))).toEqual([]);
    },
  );

  test("in a line that is too long passes on its beginning", () => {
    expect(playing().says(line(`TestChar : ${"y".repeat(300)}`))).toEqual([
      { type: "map.say", text: "y".repeat(256) },
    ]);
  });

  test("that is refused shows nothing", () => {
    const client = playing();
    client.says(line("TestChar :  "));
    client.isAnswered("map.say", refused("text-invalid"));
    expect(client.hears()).toBe("");
  });

  test("to a single player reaches no player, and the client is told so", () => {
    const client = playing();
    expect(client.says(`9600 1f00 "Ada" 00*21 "hi" 00`)).toEqual([]);
    expect(client.hears()).toBe(hex("9800 01"));
  });
});
