import { charToLogin, charToMap, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import type { MemoryStores } from "@sallyport/database";
import {
  charDoorEvents,
  charDoorMessages,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
} from "@sallyport/dialects/native";
import type { ByteChannel } from "@sallyport/link";
import { lockKindOf } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import {
  type Frame,
  FrameSplitter,
  frameOverheadBytes,
  MessageCodec,
  type MessageTable,
} from "@sallyport/wire";
import { channelWith } from "../cluster/channel-with.ts";
import type { Between } from "../cluster/memory-cluster.ts";
import { writtenCosts } from "./cost-table.ts";

/** Title of the section in `costs.txt` with the number of Redis scripts for each call of the lock store. */
export const scriptsOfCalls = "Scripts in Redis of a call of the lock store";

/** The meter counts these costs of the servers. */
const counted = [
  /** Changes of locks. Those of one turn of the event loop are one script call in Redis. */
  "changes",
  /** Scripts in Redis that only read, computed from calls of the lock store. */
  "reads",
  /** Calls of the stores in Postgres. Each call is one statement and one round trip. */
  "statements",
  /** Requests and notices between servers, without answers. */
  "messages",
  /** Writes to links between servers, including answers. Each write is a system call. */
  "link writes",
  "link bytes",
  /** Events that servers send to clients. */
  "events",
  /** Writes to clients. Each write is a system call. */
  "client writes",
  "bytes up",
  "bytes down",
] as const;
type Counted = (typeof counted)[number];
export type Cost = { readonly [Name in Counted]: number };

const noCost = Object.fromEntries(counted.map((name) => [name, 0])) as Cost;

export const sum = (costs: readonly Cost[]): Cost =>
  Object.fromEntries(
    counted.map((name) => [name, costs.reduce((total, cost) => total + cost[name], 0)]),
  ) as Cost;

/** The size in bytes of the largest message of a kind, and of its answer. */
export interface MessageBytes {
  readonly sent: number;
  readonly answered: number;
}

export const doorTables = {
  login: [loginDoorMessages, loginDoorEvents],
  char: [charDoorMessages, charDoorEvents],
  map: [mapDoorMessages, mapDoorEvents],
} as const;
const linkTables: MessageTable = { ...charToLogin, ...loginToChar, ...mapToChar, ...charToMap };

/** Messages that timers send, independently of clients. */
const upkeepMessages: ReadonlySet<string> = new Set(["link.alive", "world.status", "map-server.status"]);
/** Timers read by these calls what operators decided. */
const upkeepCalls: ReadonlySet<PropertyKey> = new Set(["ordersAfter", "lastOrderBefore", "bansAfter"]);
const isUpkeepLock = (key: string): boolean => lockKindOf(key) === "server";

/**
 * Counts the requests of servers to their stores, and their messages to each other and to clients. Costs of
 * timers are counted separately, as *upkeep*. Upkeep consists of heartbeats, sweeps, server locks,
 * presences, and reads of what operators decided.
 */
export class Meter implements Between {
  readonly messages = new Map<string, MessageBytes>();
  /** Both ends of each link between servers, newest last. */
  readonly links: ByteChannel[] = [];
  #cost = noCost;
  #upkeep = noCost;

  /** Returns the cost since the last call. */
  take(): Cost {
    const cost = this.#cost;
    this.#cost = noCost;
    return cost;
  }

  takeUpkeep(): Cost {
    const upkeep = this.#upkeep;
    this.#upkeep = noCost;
    return upkeep;
  }

  locks(store: LockStore): LockStore {
    const scripts = writtenCosts(scriptsOfCalls);
    const called = (call: "load" | "compareAndSet" | "due" | "ownedBy", isUpkeep: boolean): void => {
      const count = scripts[call] ?? Number.NaN;
      this.#add(call === "compareAndSet" ? { changes: count } : { reads: count }, isUpkeep);
    };
    return {
      losses: store.losses,
      generationOf: (key) => store.generationOf(key),
      load: (key) => {
        called("load", isUpkeepLock(key));
        return store.load(key);
      },
      compareAndSet: (change) => {
        called("compareAndSet", isUpkeepLock(change.key));
        return store.compareAndSet(change);
      },
      due: (limit) => {
        called("due", true);
        return store.due(limit);
      },
      ownedBy: (...page) => {
        called("ownedBy", false);
        return store.ownedBy(...page);
      },
      close: () => store.close(),
    };
  }

  database(stores: MemoryStores): MemoryStores {
    const { accounts, characters, mapHosts, networkBans, worldStates } = stores;
    return {
      ...stores,
      accounts: this.#counted(accounts),
      characters: this.#counted(characters),
      mapHosts: this.#counted(mapHosts),
      networkBans: this.#counted(networkBans),
      worldStates: this.#counted(worldStates),
    };
  }

  link(channel: ByteChannel): ByteChannel {
    const [inwards, outwards] = [splitter(), splitter()];
    const codec = new MessageCodec(linkTables);
    /** Unanswered requests of the peer. */
    const asked = new Map<number, string>();
    const counts = channelWith(channel, {
      listen: (listener) =>
        channel.listen({
          ...listener,
          bytes: (bytes) => {
            for (const frame of inwards.push(bytes))
              if (frame.kind === "request") asked.set(frame.correlationId, nameOf(codec, frame));
            listener.bytes(bytes);
          },
        }),
      send: (bytes) => {
        const frames = [...outwards.push(bytes)];
        const isUpkeep = (frame: Frame): boolean =>
          isHeartbeat(frame) ||
          upkeepMessages.has(isAnswer(frame) ? (asked.get(frame.correlationId) ?? "") : nameOf(codec, frame));
        for (const side of [true, false]) {
          const mine = frames.filter((frame) => isUpkeep(frame) === side);
          if (mine.length === 0) continue;
          // A write with upkeep and other messages does not count as upkeep.
          const isAlone = !side || mine.length === frames.length;
          const messages = mine.filter(({ kind }) => kind === "request" || kind === "notice").length;
          this.#add({ messages, "link writes": Number(isAlone), "link bytes": bytesOf(mine) }, side);
        }
        channel.send(bytes);
      },
    });
    this.links.push(counts);
    return counts;
  }

  client(channel: ByteChannel, door: keyof typeof doorTables): ByteChannel {
    const [up, down] = [splitter(), splitter()];
    const [commandTable, eventTable] = doorTables[door];
    const commands = new MessageCodec<MessageTable>(commandTable);
    const notices = new MessageCodec<MessageTable>(eventTable);
    const asked = new Map<number, string>();
    return channelWith(channel, {
      listen: (listener) =>
        channel.listen({
          ...listener,
          bytes: (bytes) => {
            for (const frame of up.push(bytes)) {
              this.#add({ "bytes up": bytesOf([frame]) }, isHeartbeat(frame));
              if (isHeartbeat(frame)) continue;
              const name = nameOf(commands, frame);
              asked.set(frame.correlationId, name);
              this.#note(name, { sent: bytesOf([frame]), answered: 0 });
            }
            listener.bytes(bytes);
          },
        }),
      send: (bytes) => {
        const frames = [...down.push(bytes)];
        const events = frames.filter(({ kind }) => kind === "notice").length;
        const told = { events, "client writes": 1, "bytes down": bytesOf(frames) };
        this.#add(told, frames.every(isHeartbeat));
        for (const frame of frames) {
          const length = bytesOf([frame]);
          if (isAnswer(frame))
            this.#note(asked.get(frame.correlationId) ?? "", { sent: 0, answered: length });
          else if (frame.kind === "notice") this.#note(nameOf(notices, frame), { sent: length, answered: 0 });
        }
        channel.send(bytes);
      },
    });
  }

  #counted<Store extends object>(store: Store): Store {
    return new Proxy(store, {
      get: (of, name) => {
        const method: unknown = Reflect.get(of, name);
        if (typeof method !== "function") return method;
        return (...args: readonly unknown[]): unknown => {
          this.#add({ statements: 1 }, upkeepCalls.has(name));
          return Reflect.apply(method, of, args);
        };
      },
    });
  }

  #add(more: Partial<Cost>, isUpkeep: boolean): void {
    const cost = { ...noCost, ...more };
    if (isUpkeep) this.#upkeep = sum([this.#upkeep, cost]);
    else this.#cost = sum([this.#cost, cost]);
  }

  #note(name: string, { sent, answered }: MessageBytes): void {
    const before = this.messages.get(name) ?? { sent: 0, answered: 0 };
    this.messages.set(name, {
      sent: Math.max(before.sent, sent),
      answered: Math.max(before.answered, answered),
    });
  }
}

const splitter = (): FrameSplitter => new FrameSplitter(Number.MAX_SAFE_INTEGER);

const isHeartbeat = ({ kind }: Frame): boolean => kind === "ping" || kind === "pong";
const isAnswer = ({ kind }: Frame): boolean => kind === "reply" || kind === "refusal";

const bytesOf = (frames: readonly Frame[]): number =>
  frames.reduce((total, { body }) => total + frameOverheadBytes + body.length, 0);

const nameOf = (codec: MessageCodec<MessageTable>, { kind, body }: Frame): string =>
  kind === "request" || kind === "notice" ? codec.decode(body).message.type : "";
