import type { Actor, MapDoor } from "@sallyport/domain";
import { beforeEach, describe, expect, test } from "vitest";
import { hex, type RagnarokClient } from "./ragnarok-client.ts";
import { east, figure, kafra, kafraId, moveFrom, playing } from "./ragnarok-on-map.ts";

const kafraIds = { accountId: kafra.accountId, charId: kafra.charId };
const poring = { ...kafra, kind: "monster", name: "Poring", looks: {} } satisfies Actor;

let client: RagnarokClient<MapDoor>;
beforeEach(() => {
  client = playing();
});

describe("an actor that is no player", () => {
  test("appears as an NPC with its class", () => {
    client.isTold({ type: "actor.appeared", ...kafra });
    expect(client.hears()).toBe(hex(figure("06", kafraId, "7500", "258b44", '"Kafra" 00*19')));
  });

  test("has a class that fits its kind if the game chooses none", () => {
    client.isTold({ type: "actor.appeared", ...poring });
    expect(client.hears()).toBe(hex(figure("05", kafraId, "ea03", "258b44", '"Poring" 00*18')));
    client.isTold({ type: "actor.appeared", ...kafra, looks: {} });
    expect(client.hears()).toBe(hex(figure("06", kafraId, "2f00", "258b44", '"Kafra" 00*19')));
  });

  test("walks, speaks and vanishes under its actor id", () => {
    client.isTold({ type: "actor.appeared", ...poring });
    client.hears();
    client.isTold({ type: "actor.walks", ...kafraIds, x: 150, y: 180, path: east(poring, 3), walked: 0 });
    expect(client.hears()).toBe(hex(`8600 ${kafraId} ${moveFrom(poring, { x: 153, y: 180 })} aa4e2700`));
    client.isTold({ type: "actor.said", ...kafraIds, name: "Poring", text: "Hop" });
    expect(client.hears()).toBe(hex(`8d00 1500 ${kafraId} "Poring : Hop" 00`));
    client.isTold({ type: "actor.vanished", ...kafraIds });
    expect(client.hears()).toBe(hex(`8000 ${kafraId} 00`));
  });

  test("tells its name", () => {
    expect(client.says(`8c00 00*8 ${kafraId}`)).toEqual([{ type: "map.name", actor: kafra.charId }]);
    client.isAnswered("map.name", { ok: true, value: { name: "Kafra" } });
    expect(client.hears()).toBe(hex(`9500 ${kafraId} "Kafra" 00*19`));
  });
});
