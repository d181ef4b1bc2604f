import { ragnarokDialects } from "@sallyport/dialects/ragnarok";
import {
  AccountId,
  type Actor,
  accepted,
  CharId,
  type CommandOf,
  type EventOf,
  firstActorId,
  LoginId,
  type MapDoor,
} from "@sallyport/domain";
import { clientPackets, PacketStream, profiles, serverRows } from "@sallyport/ragnarok-load";
import { describe, expect, test } from "vitest";

/*
 * The dialect and the client of the tests were written apart. Here each reads what the other writes about
 * NPCs, monsters and items, without a server.
 */

const ids = { accountId: AccountId(2_000_001), loginId1: LoginId(1), loginId2: LoginId(2), sex: 0 };
const actor = firstActorId + 1;
const kafra = {
  ...{ accountId: AccountId(0), charId: CharId(actor), kind: "npc", name: "Kafra", sex: "female" },
  ...{ looks: { class: 117 }, x: 150, y: 180, path: [], walked: 0, stepMs: 200, cameFrom: null },
  shown: new Uint8Array(),
} as const satisfies Actor;
const place = {
  ...{ charId: CharId(150_001), name: "Ann", position: { map: "prontera", x: 150, y: 181 } },
  ...{ width: 312, height: 392, cells: new Uint8Array(0), stepMs: 200, viewCells: 14 },
};

const cell = { x: kafra.x, y: kafra.y };
const potion = { item: 501, name: "Red Potion", price: 50 };

describe.each([profiles[20100105], profiles[20101228]])("for clients of $packetver", (profile) => {
  /** Opens the dialect's end for a client that has entered the map, and has loaded it. */
  function opened() {
    const { map } = ragnarokDialects({
      packetVer: profile.packetver,
      isoIn: (ms) => new Date(ms).toISOString(),
      isoAt: (atMs) => new Date(atMs).toISOString(),
      randomBytes: (count) => new Uint8Array(count),
    });
    const dialect = map.open(0);
    const rows = new Map(serverRows(profile).map((row) => [row.opcode, row]));
    const firstBytes = { eat: "never", accountId: ids.accountId } as const;
    const stream = new PacketStream({ door: "map", rows, firstBytes });
    const says = (bytes: Buffer, given: object = {}): CommandOf<MapDoor>[] =>
      dialect.receive(bytes, 0).map(({ command, answerTo }) => {
        dialect.answer(answerTo, accepted(given) as never, 0);
        return command;
      });
    const hears = (...events: readonly EventOf<MapDoor>[]): object[] => {
      for (const event of events) dialect.event(event, 0);
      const items = stream.push(Buffer.concat(dialect.takeOutput()));
      return items.map((item) => (item.kind === "packet" ? item.packet : item));
    };
    says(clientPackets.enterMap(ids, place.charId, 0), place);
    says(clientPackets.actorInit());
    hears();
    return { says, hears };
  }

  test("an NPC and a monster are seen, and named on request", () => {
    const { says, hears } = opened();
    const path = [{ x: 151, y: 180 }];
    const { accountId, charId } = kafra;
    const seen = { id: actor, name: "Kafra", cell, level: 0 };
    expect(
      hears(
        { type: "actor.appeared", ...kafra },
        { type: "actor.vanished", accountId, charId },
        { type: "actor.appeared", ...kafra, kind: "monster", looks: {}, path },
      ),
    ).toMatchObject([
      { type: "ZC_NOTIFY_STANDENTRY", ...seen, kind: 6, job: 117, move: null },
      { type: "ZC_NOTIFY_VANISH", id: actor },
      { type: "ZC_NOTIFY_MOVEENTRY", ...seen, kind: 5, job: 1_002, move: { from: cell, to: path[0] } },
    ]);
    const asked = says(clientPackets.requestName(profile, actor), { name: "Kafra" });
    expect(asked).toEqual([{ type: "map.name", actor }]);
    expect(hears()).toEqual([{ type: "ZC_ACK_REQNAME", id: actor, name: "Kafra" }]);
  });

  test("a dialogue is said, and answered", () => {
    const { says, hears } = opened();
    expect(says(clientPackets.clickNpc(actor))).toEqual([{ type: "map.click", actor }]);
    expect(
      hears(
        { type: "dialogue.said", actor, text: "Welcome\nto Prontera" },
        { type: "dialogue.paused", actor },
        { type: "dialogue.asked", actor, choices: ["Stay", "", "12:30"] },
        { type: "dialogue.ended", actor },
      ),
    ).toEqual([
      { type: "ZC_SAY_DIALOG", id: actor, text: "Welcome" },
      { type: "ZC_SAY_DIALOG", id: actor, text: "to Prontera" },
      { type: "ZC_WAIT_DIALOG", id: actor },
      { type: "ZC_MENU_LIST", id: actor, choices: ["Stay", "-", "12;30"] },
      { type: "ZC_CLOSE_DIALOG", id: actor },
    ]);
    const answers = [
      clientPackets.nextLines(actor),
      clientPackets.choose(actor, 3),
      clientPackets.closeDialogue(actor),
    ].flatMap((bytes) => says(bytes));
    expect(answers).toEqual([
      { type: "dialogue.answer", actor, answer: { type: "next" } },
      { type: "dialogue.answer", actor, answer: { type: "choice", index: 2 } },
      { type: "dialogue.answer", actor, answer: { type: "close" } },
    ]);
  });

  test("goods are offered, and bought", () => {
    const { says, hears } = opened();
    expect(hears({ type: "shop.offered", actor, goods: [potion] })).toEqual([
      { type: "ZC_SELECT_DEALTYPE", id: actor },
    ]);
    says(clientPackets.deal(actor, "buy"));
    expect(hears()).toMatchObject([{ goods: [{ item: 501, price: 50, discounted: 50 }] }]);
    const goods = [{ item: 501, amount: 3 }];
    expect(says(clientPackets.buy(goods))).toEqual([{ type: "shop.buy", actor, goods }]);
    expect(hears()).toEqual([{ type: "ZC_PC_PURCHASE_RESULT", code: 0 }]);
  });

  test("an item on the floor is seen, and picked up", () => {
    const { says, hears } = opened();
    const { accountId, charId } = kafra;
    const item = { ...kafra, kind: "item", name: "Apple", looks: { class: 512 } } as const;
    expect(hears({ type: "actor.appeared", ...item })).toEqual([
      { type: "ZC_ITEM_ENTRY", id: actor, item: 512, ...cell, amount: 1 },
    ]);
    expect(says(clientPackets.takeItem(profile, actor))).toEqual([{ type: "map.take", actor }]);
    expect(hears({ type: "actor.vanished", accountId, charId })).toMatchObject([
      { type: "ZC_ITEM_PICKUP_ACK3", item: 512, amount: 1, code: 0 },
      { type: "ZC_ITEM_DISAPPEAR", id: actor },
    ]);
  });
});
