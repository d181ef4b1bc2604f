import {
  type Actor,
  type DoorVocabulary,
  firstActorId,
  kickReasons,
  kickTextUnitsMax,
  refused,
} from "@sallyport/domain";
import { type MessageTable, WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dialect, Incoming } from "../src/dialect.ts";
import { charDoorMessages, loginDoorMessages, mapDoorMessages } from "../src/native/index.ts";
import { PacketIndex, type PacketTable, packetVers, readPacket } from "../src/ragnarok/index.ts";
import { arbitraryPacket } from "./ragnarok-arbitrary.ts";
import { ragnarokDoors, versionsIn } from "./ragnarok-bytes.ts";
import { addressFor, dialects } from "./ragnarok-client.ts";

/** In these tests, the packets of a client and the answers and events of a server come in any order. */

const id = fc.nat(3);
const cell = { x: fc.nat(1_024), y: fc.nat(1_024) };
const path = fc.array(fc.record(cell), { maxLength: 40 });
const ids = { accountId: id, charId: id };
const walking = { ...cell, path, walked: fc.nat(40) };
const name = fc.string({ unit: "binary", maxLength: 24 });
const position = fc.record({ map: fc.string({ maxLength: 24 }), ...cell });
const address = fc.constantFrom("ragnarok", "another").map((dialect) => addressFor(5_121, dialect));
const looks = fc.record({ hairStyle: fc.nat(65_535), hairColour: fc.nat(65_535) });
const character = fc.record({ charId: id, slot: fc.nat(255), name, looks, position });
const spread = <T>(values: fc.Arbitrary<T>, more: fc.Arbitrary<object>) =>
  fc.tuple(values, more).map(([a, b]) => ({ ...a, ...b }));
const loggedIn = fc.record({
  accountId: id,
  loginId1: id,
  loginId2: id,
  sex: fc.constantFrom("female", "male"),
  lastLoginMs: fc.constant(null),
  worlds: fc.array(spread(fc.record({ name, players: fc.nat() }), address), { maxLength: 3 }),
});
const entered = fc.record({
  charId: id,
  name,
  position,
  width: fc.constant(1_024),
  height: fc.constant(1_024),
  cells: fc.constant(new Uint8Array(0)),
  stepMs: fc.nat(),
  viewCells: fc.constant(14),
  movement: fc.constant(null),
  isRoom: fc.constant(false),
});
const anyActor = {
  name,
  sex: fc.constantFrom("female", "male"),
  ...walking,
  stepMs: fc.nat(),
  cameFrom: fc.option(fc.record(cell)),
  shown: fc.uint8Array({ maxLength: 9 }),
};
const actor: fc.Arbitrary<Record<keyof Actor, unknown>> = fc.oneof(
  fc.record({ ...anyActor, ...ids, kind: fc.constant("player"), looks }),
  fc.record({
    ...anyActor,
    accountId: fc.constant(0),
    charId: id.map((each) => firstActorId + each),
    kind: fc.constantFrom("npc", "monster", "item"),
    looks: fc.record({ class: fc.nat(65_535) }, { requiredKeys: [] }),
  }),
);
const nothing = fc.constant({});
const text = fc.string({ unit: "binary", maxLength: 1_000 });
const ware = fc.record({ item: fc.nat(65_535), name, price: fc.nat(0xffff_ffff) });

const given: Readonly<Record<string, fc.Arbitrary<object>>> = {
  "login.register": fc.record({ accountId: id }),
  "login.password": loggedIn,
  "char.enter": fc.record({ characters: fc.array(character, { maxLength: 3 }), slotCount: fc.nat(255) }),
  "char.create": character,
  "char.delete": fc.record({ deleteAfterS: fc.nat() }, { requiredKeys: [] }),
  "char.choose": spread(fc.record({ charId: id, map: fc.string() }), address),
  "map.enter": entered,
  "map.walk": fc.record({ steps: fc.nat() }),
  "map.say": nothing,
  "map.look": nothing,
  "map.name": fc.record({ name: fc.option(name) }),
  "map.leave": nothing,
  "map.click": nothing,
  "map.take": nothing,
  "dialogue.answer": nothing,
  "shop.buy": nothing,
};

const kicked = fc.record({
  type: fc.constant("client.kicked"),
  reason: fc.constantFrom(...kickReasons),
  untilMs: fc.option(fc.maxSafeNat()),
  text: fc.option(fc.string({ maxLength: kickTextUnitsMax, unit: "binary" })),
});
const typed = (type: string, values: fc.Arbitrary<object>) => values.map((each) => ({ type, ...each }));
const events: Readonly<Record<string, fc.Arbitrary<object>>> = {
  login: kicked,
  char: kicked,
  map: fc.oneof(
    kicked,
    typed("actor.appeared", actor),
    typed("actor.walks", fc.record({ ...ids, ...walking })),
    typed("actor.moved", fc.record({ ...ids, ...walking })),
    typed("actor.vanished", fc.record(ids)),
    typed("actor.said", fc.record({ ...ids, name, text: fc.string({ unit: "binary", maxLength: 256 }) })),
    typed("dialogue.said", fc.record({ actor: id, text })),
    typed("dialogue.asked", fc.record({ actor: id, choices: fc.array(text, { maxLength: 300 }) })),
    typed("dialogue.paused", fc.record({ actor: id })),
    typed("dialogue.ended", fc.record({ actor: id })),
    typed("shop.offered", fc.record({ actor: id, goods: fc.array(ware, { maxLength: 255 }) })),
    typed("game.event", fc.record({ name, body: fc.uint8Array({ maxLength: 9 }) })),
    typed("character.changed", fc.record({ changes: fc.uint8Array({ maxLength: 9 }) })),
    typed("actor.changed", fc.record({ ...ids, shown: fc.uint8Array({ maxLength: 9 }) })),
    typed("map.changed", entered),
    typed("map.hop", spread(fc.record({ position }), address)),
  ),
};

type Step =
  | { readonly says: Uint8Array }
  /** The server refuses the request. The number selects one of the possible refusals. */
  | { readonly isRefused: number }
  | { readonly isGiven: Readonly<Record<string, object>> }
  | { readonly isTold: object };

const everyDoor = packetVers.flatMap((packetVer) => ragnarokDoors.map((door) => ({ ...door, packetVer })));

describe.each(everyDoor)(
  "at the $name door, PACKETVER $packetVer,",
  ({ name: doorName, packetVer, ...door }) => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: arbitraryPacket(door, packetVer).map((says) => ({ says })) },
      { weight: 1, arbitrary: fc.nat().map((isRefused) => ({ isRefused })) },
      { weight: 4, arbitrary: fc.record(given).map((isGiven) => ({ isGiven })) },
      { weight: 4, arbitrary: (events[doorName] ?? kicked).map((isTold) => ({ isTold })) },
    );
    const dialect = dialects({ packetVer, registration: true })[
      doorName
    ] as unknown as Dialect<DoorVocabulary>;

    const index = new PacketIndex<PacketTable>(door.told, {}, packetVer);
    const bareBytes = versionsIn(door.told, packetVer).find(({ version }) => version.opcode === null)?.version
      .length;

    /** Checks that the bytes are whole packets of the table. What clients share can be several packets. */
    function expectPackets(bytes: Uint8Array): void {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const known = index.find(view.getUint16(0, true));
      if (known === undefined) throw new Error("unknown to the client");
      const { type, version } = known;
      const length = version.length === "variable" ? view.getUint16(2, true) : version.length;
      expect(bytes.length).toBeGreaterThanOrEqual(length);
      expect(readPacket(type, version, bytes.subarray(0, length))).toMatchObject({ type });
      if (bytes.length > length) expectPackets(bytes.subarray(length));
    }

    test("a client gets only complete packets that it knows, whatever it sends and the server does", () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const output = outputOf(dialect, steps);
          // A bare account id has no opcode, so it must not be checked as a packet.
          const bare = output.findIndex(({ length }) => length === bareBytes);
          for (const packet of output.filter((_, i) => i !== bare)) expectPackets(packet);
        }),
      );
    });
  },
);

const messages: MessageTable = { ...loginDoorMessages, ...charDoorMessages, ...mapDoorMessages };

function refusedBy(command: string, which: number) {
  const words = messages[command]?.refusals ?? [];
  return refused(words[which % words.length] ?? "unavailable");
}

/** Carries out the steps until the client sends nonsense. Returns the output. */
function outputOf(dialect: Dialect<DoorVocabulary>, steps: readonly Step[]): readonly Uint8Array[] {
  const stream = dialect.open(0);
  const asked: Incoming<DoorVocabulary>[] = [];
  try {
    for (const step of steps) {
      if ("says" in step) asked.push(...stream.receive(step.says, 0));
      else if ("isTold" in step) stream.event(step.isTold as never, 0);
      else {
        const next = asked.shift();
        if (next === undefined) continue;
        const answer =
          "isGiven" in step
            ? { ok: true, value: step.isGiven[next.command.type] as object }
            : refusedBy(next.command.type, step.isRefused);
        asked.unshift(...stream.answer(next.answerTo, answer as never, 0));
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return stream.takeOutput();
}
