import type { MapDoor } from "@sallyport/domain";
import { beforeEach, expect, test } from "vitest";
import { hex, type RagnarokClient } from "./ragnarok-client.ts";
import {
  bob,
  bobId,
  bobIds,
  entered,
  inWorld,
  moveFrom,
  ownIds,
  playing,
  standing,
} from "./ragnarok-on-map.ts";

/* Other clients report where they are, in units. These clients see cells of 100 units. */
const movement = { unitsPerCell: 100, greatestSpeed: 1_000 };
const place = { ...entered, position: { map: "prontera", x: 15_678, y: 19_100 }, movement };

let client: RagnarokClient<MapDoor>;
beforeEach(() => {
  client = playing({}, place);
});

test("the client enters the cell in which its character is", () => {
  expect(inWorld({}, place).hears()).toBe(hex("8302 81841e00 eb02 aa4e2700 270bf4 05 05 0000"));
});

test("a walk is asked for to the middle of a cell, and shown in cells", () => {
  expect(client.says("a700 00000000 258b50")).toEqual([{ type: "map.walk", x: 15_050, y: 18_150 }]);
  const path = [
    { x: 15_600, y: 19_050 },
    { x: 15_550, y: 18_950 },
  ];
  client.isTold({ type: "actor.walks", ...ownIds, x: 15_678, y: 19_100, path, walked: 0 });
  expect(client.hears()).toBe(hex(`8700 aa4e2700 ${moveFrom({ x: 156, y: 191 }, { x: 155, y: 189 })}`));
});

test("an actor that reports is shown in its cell, and walks from cell to cell", () => {
  client.isTold({ type: "actor.appeared", ...bob, x: 15_001, y: 18_199 });
  expect(client.hears()).toBe(hex(standing("258b54")));
  const path = [{ x: 15_100, y: 18_199 }];
  const walks = { type: "actor.walks", ...bobIds, x: 15_001, y: 18_199, path, walked: 0 } as const;
  client.isTold(walks);
  expect(client.hears()).toBe(
    hex(`8600 ${bobId} ${moveFrom({ x: 150, y: 181 }, { x: 151, y: 181 })} aa4e2700`),
  );
  client.isTold({ ...walks, type: "actor.moved", x: 15_100, walked: 1 });
  expect(client.hears()).toBe("");
});

test("a way within one cell is not shown", () => {
  client.isTold({ type: "actor.appeared", ...bob, x: 15_001, y: 18_199 });
  client.hears();
  const path = [{ x: 15_099, y: 18_100 }];
  client.isTold({ type: "actor.walks", ...bobIds, x: 15_001, y: 18_199, path, walked: 0 });
  expect(client.hears()).toBe("");
});
