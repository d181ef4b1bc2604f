import net from "node:net";
import { delay, systemClock } from "@sallyport/clock";
import { mainProfile, clientPackets as write } from "@sallyport/ragnarok-load";
import * as native from "./native.ts";
import type { CrowdLoad, WalkLoad } from "./orders.ts";
import { opcodes, PacketCounter } from "./packet-counter.ts";
import { choose, comeToMapDoor, type MapDoor } from "./ragnarok.ts";
import type { Tally } from "./tally.ts";
import { ActFailed, type Address } from "./visit.ts";

/** Clients ask for the time at this interval, because a server disconnects a silent client. */
const timeEveryMs = 12_000;
/** Clients wait this long for an answer, because a server under load answers slowly. */
const answerMs = 120_000;
const walkCells = 2;
const enteredAtOnce = write.enterMap({ accountId: 1, loginId1: 0, loginId2: 0, sex: 0 }, 1, 0);

/** A crowd of clients. Only a few clients come to the map at a time. They stay until all leave. */
export class Crowd {
  readonly #load: CrowdLoad;
  readonly #tally: Tally;
  readonly #here: Guest[] = [];

  constructor(load: CrowdLoad, tally: Tally) {
    this.#load = load;
    this.#tally = tally;
  }

  /** Resolves when every client has seen all others. If a client failed to come, resolves at once. */
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

  /** Lets all clients walk back and forth for `forMs`. The clients start at different moments. */
  async walk({ everyMs, forMs }: WalkLoad): Promise<void> {
    const untilMs = performance.now() + forMs;
    const walkOften = async (guest: Guest, nth: number): Promise<void> => {
      await delay(systemClock, (everyMs * nth) / this.#here.length);
      for (let atMs = performance.now(); atMs < untilMs; atMs += everyMs) {
        await this.#tally.time(() => guest.walk());
        await delay(systemClock, Math.max(0, atMs + everyMs - performance.now()));
      }
    };
    await Promise.all(this.#here.map(walkOften));
  }

  async #comeAs(account: string): Promise<void> {
    this.#here.push(await Guest.enter(await this.#mapDoorOf(account), this.#tally.received));
  }

  async #mapDoorOf(account: string): Promise<MapDoor> {
    const { to } = this.#load;
    const { received } = this.#tally;
    if ("map" in to) return { zone: to.map, accountId: null, enters: enteredAtOnce };
    if (to.by === "password") return comeToMapDoor({ ...to, account, received });
    const { sex, ...ids } = await native.logIn({ ...to, account, received });
    return choose({ ...ids, sex: sex === "male" ? 1 : 0 }, to.char, { received });
  }
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
    // The failure makes the next wait of this client reject. Without this handler, Node would report the
    // failure as unhandled before that.
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

  /** Walks two cells. The next call walks back. */
  async walk(): Promise<void> {
    const before = this.#packets.of(opcodes.walks);
    const { x, y } = this.#start;
    this.#socket.write(write.walk(mainProfile, { x: before % 2 === 0 ? x + walkCells : x, y }));
    await this.#until(() => this.#packets.of(opcodes.walks) > before, "answer to a walk");
  }

  /**
   * Three bytes of the packet contain the cell on which the client entered: 10 bits of x, 10 bits of y, 4
   * bits of direction.
   */
  get #start(): { readonly x: number; readonly y: number } {
    const bits = this.#packets.entered?.readUIntBE(6, 3) ?? 0;
    return { x: bits >>> 14, y: (bits >>> 4) & 0x3ff };
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
