import net from "node:net";
import { mainProfile, clientPackets as write } from "@sallyport/ragnarok-load";
import { ActFailed, type Address, comeToMapDoor } from "./hop.ts";
import type { CrowdLoad } from "./orders.ts";
import { opcodes, PacketCounter } from "./packet-counter.ts";
import type { Tally } from "./tally.ts";

/**
 * Clients ask for the time at this interval, because a server may disconnect a client that is silent for
 * long.
 */
const timeEveryMs = 12_000;
/** Maximum wait for an answer. It is longer than usual, because a measured server may answer slowly. */
const answerMs = 120_000;
const enteredAtOnce = write.enterMap({ accountId: 1, loginId1: 0, loginId2: 0, sex: 0 }, 1, 0);

/** Clients that come to a map, a few at once, and stay until all leave. */
export class Crowd {
  readonly #load: CrowdLoad;
  readonly #tally: Tally;
  readonly #here: Guest[] = [];

  constructor(load: CrowdLoad, tally: Tally) {
    this.#load = load;
    this.#tally = tally;
  }

  /** Resolves when every client has seen all others, or at once if a client failed to come. */
  async come(): Promise<void> {
    const { accounts, atOnce, others } = this.#load;
    const waiting = [...accounts];
    const comeInTurn = async (): Promise<void> => {
      for (;;) {
        const account = waiting.shift();
        if (account === undefined) return;
        await this.#tally.time(() => this.#comeAs(account));
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, accounts.length) }, comeInTurn));
    const isWell = this.#here.length === accounts.length;
    if (!isWell) return;
    await Promise.all(this.#here.map((guest) => this.#tally.check(() => guest.untilSeen(others))));
  }

  async leave(): Promise<void> {
    await Promise.all(this.#here.splice(0).map((guest) => this.#tally.time(() => guest.leave())));
  }

  async #comeAs(account: string): Promise<void> {
    const { to } = this.#load;
    const { received } = this.#tally;
    const door =
      "map" in to
        ? { zone: to.map, accountId: null, enters: enteredAtOnce }
        : await comeToMapDoor({ ...to, account, received });
    this.#here.push(await Guest.enter(door, received));
  }
}

interface MapDoor {
  readonly zone: Address;
  /** Null: the server does not begin with an account id. */
  readonly accountId: number | null;
  readonly enters: Buffer;
}

/** One client on the map. It counts packets by opcode and reads nothing else. */
class Guest {
  readonly #socket: net.Socket;
  readonly #packets = new PacketCounter();
  readonly #failed: Promise<never>;
  #look: () => void = () => {};
  #keepingTime: NodeJS.Timeout | undefined;

  private constructor(zone: Address, received: (bytes: number) => void) {
    this.#socket = net.connect({ host: zone.host, port: zone.port, noDelay: true });
    this.#failed = new Promise((_, reject) => {
      const fail = (why: string): void => reject(new ActFailed(`map: ${why}`));
      this.#socket.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      this.#socket.once("close", () => fail("closed by the server"));
      this.#socket.on("data", (chunk) => {
        received(chunk.length);
        const unknown = this.#packets.add(chunk);
        if (unknown !== null) fail(`unknown opcode ${unknown.toString(16)}`);
        if (this.#packets.of(opcodes.kicked) > 0) fail("SC_NOTIFY_BAN");
        this.#look();
      });
    });
    // If no code waits when this client fails, the next wait rejects.
    this.#failed.catch(() => clearInterval(this.#keepingTime));
  }

  static async enter({ zone, enters }: MapDoor, received: (bytes: number) => void): Promise<Guest> {
    const guest = new Guest(zone, received);
    guest.#socket.write(enters);
    await guest.#until(() => guest.#packets.of(opcodes.entered) > 0, "entry");
    guest.#socket.write(write.actorInit());
    guest.#keepingTime = setInterval(
      () => guest.#socket.write(write.requestTime(mainProfile, 0)),
      timeEveryMs,
    );
    return guest;
  }

  untilSeen(others: number): Promise<void> {
    const seen = (): number => opcodes.units.reduce((sum, opcode) => sum + this.#packets.of(opcode), 0);
    return this.#until(() => seen() >= others, "sight of all others");
  }

  async leave(): Promise<void> {
    clearInterval(this.#keepingTime);
    this.#socket.write(write.quit());
    await this.#until(() => this.#packets.of(opcodes.left) > 0, "leave to go");
    this.#socket.destroy();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const holds = new Promise<void>((resolve, reject) => {
      this.#look = () => {
        if (condition()) resolve();
      };
      late = setTimeout(() => reject(new ActFailed(`map: no ${what} in ${answerMs} ms`)), answerMs);
      this.#look();
    });
    try {
      await Promise.race([holds, this.#failed]);
    } finally {
      clearTimeout(late);
      this.#look = () => {};
    }
  }
}
