import { openDoor, packet } from "./door.ts";
import type { FloorOptions } from "./floor-options.ts";
import { type Expected, listenForChar } from "./link.ts";

/**
 * These packets contain the numbers that a client shows about its own character. After the client has loaded
 * the map, our map-server sends the same number of packets.
 */
export const ownNumbers = Buffer.concat([
  ...Array.from({ length: 9 }, () => packet(0x00b0, 8)),
  packet(0x00bd, 44),
  ...Array.from({ length: 6 }, () => packet(0x0141, 14)),
]);
export const left = packet(0x018b, 4);
const cell = { x: 50, y: 50 };
const floorMap = "floor";

/** Each visit costs 3 compare-and-sets in Redis and 1 fenced update of Postgres. */
export async function runMap({ stores, ports }: FloorOptions): Promise<void> {
  const expected = new Map<number, Expected>();
  await listenForChar(ports.link, (client) => expected.set(client.accountId, client));
  await openDoor(ports.map, (say) => {
    let player: Expected | undefined;
    let charVersion = 0;
    return {
      // CZ_ENTER
      0x0436: {
        length: 19,
        async answer(enter) {
          const accountId = enter.readUInt32LE(2);
          player = expected.get(accountId);
          expected.delete(accountId);
          if (player === undefined) throw new Error(`${accountId} is not expected`);
          const { charId } = player;
          const playing = { state: "playing", charId, accountId, by: "floor", sinceMs: Date.now() };
          charVersion = await stores.changeLock(`character:${charId}`, player.charVersion, playing);
          say(accepted(accountId));
        },
      },
      // CZ_NOTIFY_ACTORINIT
      0x007d: { length: 2, answer: () => say(ownNumbers) },
      // CZ_REQ_DISCONNECT
      0x018a: {
        length: 4,
        async answer() {
          if (player === undefined) throw new Error("a client left before it entered");
          const { accountId, charId, accountVersion } = player;
          await stores.save(charId, charVersion, { map: floorMap, ...cell });
          await Promise.all([
            stores.changeLock(`character:${charId}`, charVersion, null),
            stores.changeLock(`account:${accountId}`, accountVersion, null),
          ]);
          say(left);
        },
      },
    };
  });
}

/** Returns the packets ZC_AID and ZC_ACCEPT_ENTER2. */
function accepted(accountId: number): Buffer {
  const tick = Math.floor(performance.now());
  return Buffer.concat([
    packet(0x0283, 6, (bytes) => bytes.writeUInt32LE(accountId, 2)),
    packet(0x02eb, 13, (bytes) => {
      bytes.writeUInt32LE(tick, 2);
      bytes.writeUIntBE(cell.x * 2 ** 14 + cell.y * 2 ** 4, 6, 3);
    }),
  ]);
}
