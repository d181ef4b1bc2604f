import { randomInt } from "node:crypto";
import { openDoor, packet, writeAddress } from "./door.ts";
import type { FloorOptions } from "./floor-options.ts";

const loginIdMax = 2 ** 32;

/** Each login costs 1 read of Postgres and 1 compare-and-set in Redis. */
export function runLogin({ stores, ports }: FloorOptions): Promise<void> {
  return openDoor(ports.login, (say) => ({
    // CA_LOGIN
    0x0064: {
      length: 55,
      async answer(login) {
        const name = login.toString("latin1", 6, 30).replace(/\0.*$/, "");
        const account = await stores.readAccount(name);
        const accountId = Number(account.id);
        const loginId1 = randomInt(loginIdMax);
        const granted = { state: "granted", accountId, name, loginId1, sinceMs: Date.now() };
        const version = await stores.changeLock(`account:${accountId}`, 0, granted);
        // AC_ACCEPT_LOGIN. The second login id carries the version of the lock to the char-server.
        say(
          packet(0x0069, 47 + 32, (bytes) => {
            bytes.writeUInt16LE(bytes.length, 2);
            bytes.writeUInt32LE(loginId1, 4);
            bytes.writeUInt32LE(accountId, 8);
            bytes.writeUInt32LE(version, 12);
            writeAddress(bytes, 47, ports.char);
            bytes.write("floor", 53, "latin1");
          }),
        );
      },
    },
  }));
}
