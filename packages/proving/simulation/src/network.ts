import type { ByteChannel, ChannelListener } from "@sallyport/link";
import type { Random } from "@sallyport/random";
import type { EventLoop } from "./event-loop.ts";
import { healthyNetworkMs } from "./latencies.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/**
 * Byte streams between processes. Bytes keep their order within a stream, but not across streams. The network
 * can cut and join chunks anywhere. While a direction between two processes is blocked, its bytes wait, as if
 * a real network dropped packets and sent them again. A reset or the death of a process loses the bytes in
 * transit.
 */

type Item = { bytes: Uint8Array } | { end: "closed" | "reset" };

interface Notes {
  sent(bytes: Uint8Array): void;
  over(): void;
}

export interface Accepting {
  readonly process: SimulatedProcess;
  accept(channel: ByteChannel): void;
}

export interface Tap {
  sent(channel: number, from: SimulatedProcess, to: SimulatedProcess, bytes: Uint8Array): void;
  /** See the fact `channel-over`. */
  over(channel: number, by: string | null, isTold: boolean): void;
  /** Called when the process `at` closed its end of the stream, or learnt that the stream is over. */
  closed(channel: number, at: SimulatedProcess): void;
}

const refusedMs = 5_000;

export class Network {
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #tap: Tap;
  readonly #streams = new Set<Stream>();
  readonly #blocked = new Set<string>();
  #opened = 0;
  /** Milliseconds that one message takes in one direction. */
  latencyMs: readonly [number, number] = healthyNetworkMs;

  constructor(loop: EventLoop, random: Random, tap: Tap) {
    this.#loop = loop;
    this.#random = random;
    this.#tap = tap;
  }

  /**
   * When the connection arrives, calls `find` with the stream's number. `find` returns undefined if no server
   * listens at that address.
   */
  connect(
    from: SimulatedProcess,
    to: string,
    find: (number: number) => Accepting | undefined,
  ): Promise<ByteChannel> {
    this.#opened += 1;
    const number = this.#opened;
    const random = this.#random.fork(`stream ${number}`);
    return new Promise((resolve, reject) => {
      from.boundary(`connect ${to}`);
      const fail = (why: string, afterMs: number): void => {
        this.#loop.after(afterMs, () => from.deliver(() => reject(new Error(why))));
      };
      this.#loop.after(this.#delay(random), () => {
        if (this.isBlocked(from.name, to) || this.isBlocked(to, from.name))
          return fail("no answer", refusedMs);
        const accepting = find(number);
        if (accepting === undefined || accepting.process.isDead)
          return fail("connection refused", this.#delay(random));
        const ends = [from, accepting.process] as const;
        const stream: Stream = new Stream(this.#loop, random, this, ends, number, this.#tap, () =>
          this.#streams.delete(stream),
        );
        this.#streams.add(stream);
        accepting.process.deliver(() => accepting.accept(stream.ends[1]));
        this.#loop.after(this.#delay(random), () => from.deliver(() => resolve(stream.ends[0])));
      });
    });
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  block(from: string, to: string): void {
    this.#blocked.add(`${from}>${to}`);
  }

  unblock(from: string, to: string): void {
    if (!this.#blocked.delete(`${from}>${to}`)) return;
    for (const stream of this.#streams) stream.flow();
  }

  unblockAll(): void {
    this.#blocked.clear();
    for (const stream of this.#streams) stream.flow();
  }

  /** Resets the streams between two processes, given by name. The two ends notice at different times. */
  reset(between: readonly [string, string]): void {
    for (const stream of this.#streams) if (stream.isBetween(between)) stream.reset();
  }

  /**
   * Kills the process. With `reset`, the far ends of its streams receive a reset. With `silent`, they receive
   * nothing more, as if the machine were gone.
   */
  kill(process: SimulatedProcess, how: "reset" | "silent"): void {
    process.kill();
    for (const stream of this.#streams) stream.died(process, how);
  }

  #delay(random: Random): number {
    return random.between(...this.latencyMs);
  }
}

class Stream {
  readonly ends: readonly [End, End];
  readonly #over: () => void;
  readonly #tap: Tap;
  readonly #number: number;
  #isOver = false;

  constructor(
    loop: EventLoop,
    random: Random,
    network: Network,
    processes: readonly [SimulatedProcess, SimulatedProcess],
    number: number,
    tap: Tap,
    over: () => void,
  ) {
    this.#over = over;
    this.#tap = tap;
    this.#number = number;
    const end = (own: SimulatedProcess, other: SimulatedProcess): End =>
      new End(loop, random, network, own, other, {
        sent: (bytes) => tap.sent(number, own, other, bytes),
        over: () => {
          tap.closed(number, own);
          this.#end(own.life, true);
        },
      });
    const [a, b] = processes;
    this.ends = [end(a, b), end(b, a)];
    this.ends[0].other = this.ends[1];
    this.ends[1].other = this.ends[0];
  }

  isBetween([one, other]: readonly [string, string]): boolean {
    const names = this.ends.map(({ process }) => process.name);
    return names.includes(one) && names.includes(other);
  }

  flow(): void {
    for (const end of this.ends) end.flow();
  }

  reset(): void {
    this.#end(null, true);
    for (const end of this.ends) end.loseAndSend({ end: "reset" });
  }

  died(process: SimulatedProcess, how: "reset" | "silent"): void {
    for (const end of this.ends) {
      if (end.process !== process) continue;
      if (how === "reset") end.loseAndSend({ end: "reset" });
      else end.vanish();
      this.#end(process.life, how === "reset");
    }
  }

  #end(by: string | null, isTold: boolean): void {
    if (!this.#isOver) this.#tap.over(this.#number, by, isTold);
    this.#isOver = true;
    // The stream is over only when no bytes are in transit. In a blocked direction, bytes stay in transit.
    if (this.ends.every((end) => end.isDone)) this.#over();
  }
}

class End implements ByteChannel {
  readonly transport = "memory";
  readonly remote: string;
  readonly process: SimulatedProcess;
  other!: End;
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #network: Network;
  readonly #notes: Notes;
  readonly #peerName: string;
  #listener: ChannelListener | null = null;
  /** Items that this end sent and that have not arrived yet. */
  #underWay: Item[] = [];
  #lastArrivalMs = 0;
  /** Items that arrived while the reader of this end was paused. */
  #inbox: Item[] = [];
  #isPaused = false;
  #isClosed = false;

  constructor(
    loop: EventLoop,
    random: Random,
    network: Network,
    process: SimulatedProcess,
    peer: SimulatedProcess,
    notes: Notes,
  ) {
    this.#loop = loop;
    this.#random = random;
    this.#network = network;
    this.process = process;
    this.#peerName = peer.name;
    this.remote = peer.life;
    this.#notes = notes;
  }

  get isDone(): boolean {
    return (this.#isClosed || this.process.isDead) && this.#underWay.length === 0;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#read();
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed || this.process.isDead) return;
    this.process.boundary(`send to ${this.#peerName}`);
    if (this.process.isDead) return;
    this.#notes.sent(bytes);
    // Cut the bytes at a random place. Each of the two parts may be joined to bytes that were sent earlier.
    const cut = this.#random.chance(0.15) ? 1 + this.#random.below(bytes.length) : bytes.length;
    this.#put(bytes.subarray(0, cut));
    if (cut < bytes.length) this.#put(bytes.subarray(cut));
  }

  bufferedBytes(): number {
    const sizeOf = (items: readonly Item[]): number =>
      items.reduce((sum, item) => sum + ("bytes" in item ? item.bytes.length : 0), 0);
    return sizeOf(this.#underWay) + sizeOf(this.other.#inbox);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  close(): void {
    this.#finish("closed");
  }

  destroy(): void {
    this.#finish("reset");
  }

  /** Tells the other end that the stream ends, and stops reading. */
  #finish(end: "closed" | "reset"): void {
    if (this.#isClosed || this.process.isDead) return;
    if (end === "reset") this.loseAndSend({ end });
    else this.#schedule({ end });
    this.#isClosed = true;
    this.#notes.over();
    const listener = this.#listener;
    this.#listener = null;
    this.#loop.after(0, () => this.process.deliver(() => listener?.closed()));
  }

  loseAndSend(item: Item): void {
    this.#underWay = [];
    this.#schedule(item);
  }

  vanish(): void {
    this.#underWay = [];
  }

  #put(bytes: Uint8Array): void {
    const last = this.#underWay.at(-1);
    if (last !== undefined && "bytes" in last && this.#random.chance(0.3)) {
      const joined = new Uint8Array(last.bytes.length + bytes.length);
      joined.set(last.bytes);
      joined.set(bytes, last.bytes.length);
      last.bytes = joined;
      return;
    }
    this.#schedule({ bytes });
  }

  #schedule(item: Item): void {
    this.#underWay.push(item);
    this.#arriveLater(item);
  }

  #arriveLater(item: Item): void {
    const { nowMs } = this.#loop;
    const arrivalMs = Math.max(this.#lastArrivalMs, nowMs + this.#random.between(...this.#network.latencyMs));
    this.#lastArrivalMs = arrivalMs;
    this.#loop.after(arrivalMs - nowMs, () => this.#arrive(item));
  }

  #arrive(item: Item): void {
    // The item does not arrive now in three cases. 1: a different item comes first. 2: the direction is
    // blocked. 3: the stream is lost.
    if (this.#underWay[0] !== item || this.#network.isBlocked(this.process.name, this.#peerName)) return;
    this.#underWay.shift();
    const { other } = this;
    other.process.deliver(() => other.#receive(item));
  }

  /** Sends the waiting items if the direction is no longer blocked. */
  flow(): void {
    if (this.#network.isBlocked(this.process.name, this.#peerName)) return;
    for (const item of this.#underWay) this.#arriveLater(item);
  }

  #receive(item: Item): void {
    if (this.#isClosed) return;
    this.process.boundary(`hear from ${this.#peerName}`);
    if (this.process.isDead) return;
    this.#inbox.push(item);
    this.#read();
  }

  #read(): void {
    while (this.#listener !== null && !this.#isPaused) {
      const item = this.#inbox.shift();
      if (item === undefined) return;
      if ("bytes" in item) {
        this.#listener.bytes(item.bytes);
        continue;
      }
      const listener = this.#listener;
      this.#listener = null;
      this.#isClosed = true;
      this.#notes.over();
      listener.closed();
    }
  }
}
