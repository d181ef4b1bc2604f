import { openDoor, packet, writeAddress } from "./door.ts";
import type { FloorOptions } from "./floor-options.ts";
import { connectToMap } from "./link.ts";
import type { FloorCharacter } from "./stores.ts";

const headerBytes = 24;
const blockBytes = 112;

/**
 * For each client, the char-server does the following: 1 read of Postgres, 2 compare-and-sets in Redis, and 1
 * request to the map-server.
 */
export async function runChar({ stores, ports }: FloorOptions): Promise<void> {
  const expect = await connectToMap(ports.link);
  await openDoor(ports.char, (say) => {
    let accountId = 0;
    let loginId1 = 0;
    let accountVersion = 0;
    let character: FloorCharacter | null = null;
    return {
      // CH_ENTER
      0x0065: {
        length: 17,
        async answer(enter) {
          accountId = enter.readUInt32LE(2);
          loginId1 = enter.readUInt32LE(6);
          const held = { state: "held", accountId, loginId1, by: "floor", sinceMs: Date.now() };
          accountVersion = await stores.changeLock(`account:${accountId}`, enter.readUInt32LE(10), held);
          character = await stores.readCharacters(accountId);
          say(listOf(accountId, character));
        },
      },
      // CH_SELECT_CHAR
      0x0066: {
        length: 3,
        async answer() {
          if (character === null) throw new Error("a choice before the list");
          const { id, map } = character;
          const charId = Number(id);
          const entering = { state: "entering", charId, accountId, by: "floor", sinceMs: Date.now() };
          const charVersion = await stores.changeLock(`character:${charId}`, 0, entering);
          await expect({ accountId, charId, loginId1, accountVersion, charVersion });
          // HC_NOTIFY_ZONESVR
          say(
            packet(0x0071, 28, (bytes) => {
              bytes.writeUInt32LE(charId, 2);
              bytes.write(`${map}.gat`, 6, "latin1");
              writeAddress(bytes, 22, ports.map);
            }),
          );
        },
      },
    };
  });
}

/** Returns the account id, followed by HC_ACCEPT_ENTER with one character. */
function listOf(accountId: number, { id, slot, name }: FloorCharacter): Buffer {
  const echo = Buffer.alloc(4);
  echo.writeUInt32LE(accountId);
  const list = packet(0x006b, headerBytes + blockBytes, (bytes) => {
    bytes.writeUInt16LE(bytes.length, 2);
    const block = bytes.subarray(headerBytes);
    block.writeUInt32LE(Number(id), 0);
    block.write(name, 78, 24, "latin1");
    block.writeUInt16LE(slot, 108);
  });
  return Buffer.concat([echo, list]);
}
