import { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import { accepted } from "@sallyport/domain";
import { type ByteChannel, type Handlers, type Link, memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming, serverLockKey } from "@sallyport/lock-core";
import { type LockStore, MemoryLockState, MemoryLockStore } from "@sallyport/lock-store";
import { ManualClock, testHost } from "@sallyport/testkit";
import {
  type AdmittedServer,
  AnsweringLinks,
  type CookieJar,
  defaultLinkBounds,
  ServerLink,
  ServerRegistry,
} from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

const timing = { ...defaultLockTiming, leaseMs: 10_000, reconnectMs: 20_000, reclaimMs: 20_000 };
export const key = serverLockKey("map-1");

interface Options {
  readonly connect?: () => Promise<ByteChannel>;
  readonly password?: string;
  readonly random?: number;
  readonly setUp?: (link: Link<typeof mapToChar, typeof charToMap>) => Promise<void>;
  readonly cookies?: CookieJar;
}

const noJar: CookieJar = { load: async () => null, store: async () => {} };

export const nobodyThere = async (): Promise<ByteChannel> => {
  throw new Error("127.0.0.1:7201: ECONNREFUSED");
};

/**
 * Runs both ends of a link: a map-server that connects, and a char-server that accepts. The test moves the
 * clock of both.
 */
export class LinkScene {
  readonly clock = new ManualClock();
  readonly state = new MemoryLockState();
  storeAnswers: Promise<void> = Promise.resolve();
  /** The char-server answers the announcement of a map-server when this promise resolves. */
  announced: Promise<void> = Promise.resolve();
  /** Has both ends of every connection. The newest connection is the last. */
  readonly channels: (readonly [ByteChannel, ByteChannel])[] = [];
  readonly linked: AdmittedServer[] = [];
  readonly unlinked: AdmittedServer[] = [];
  readonly answering: AnsweringLinks<typeof charToMap, typeof mapToChar>;
  /** The char-server writes this log. */
  readonly heard = heardLog();

  constructor() {
    const { clock, state } = this;
    const memory = new MemoryLockStore({ nowMs: () => clock.nowMs(), state });
    const store: LockStore = {
      losses: memory.losses,
      generationOf: () => memory.generationOf(),
      load: (of) => this.storeAnswers.then(() => memory.load(of)),
      compareAndSet: (change) => memory.compareAndSet(change),
      due: (limit) => memory.due(limit),
      ownedBy: (...page) => memory.ownedBy(...page),
      close: () => memory.close(),
    };
    const host = testHost({ clock, log: this.heard.log });
    this.answering = new AnsweringLinks<typeof charToMap, typeof mapToChar>(host, {
      of: "map-server",
      expected: () => 1,
      sends: charToMap,
      receives: mapToChar,
      passwordOf: (username) => (username === "alpha" ? "right" : null),
      registry: new ServerRegistry(host, { store, timing, forfeit: async () => {} }),
      leaseMs: timing.leaseMs,
      bounds: defaultLinkBounds,
      handlersOf: () =>
        ({
          "map-server.announce": () => this.announced.then(() => accepted({ hopMs: 30_000 })),
          "map-server.status": () => {},
        }) as never,
      linked: (admittedServer) => void this.linked.push(admittedServer),
      unlinked: (admittedServer) => void this.unlinked.push(admittedServer),
    });
  }

  readonly accept = async (): Promise<ByteChannel> => {
    const pair = memoryChannelPair(["map-1", "char"]);
    this.channels.push(pair);
    this.answering.accept(pair[1]);
    return pair[0];
  };

  serverLock(): { readonly state: string; readonly deadlineMs: number } | null {
    const entry = this.state.locks.get(key);
    return entry === undefined ? null : JSON.parse(entry.value);
  }

  connecting({
    connect = this.accept,
    password = "right",
    random = 0.5,
    setUp = async () => {},
    cookies = noJar,
  }: Options = {}) {
    const { clock } = this;
    const attempts: number[] = [];
    /** Says for each admission whether the server came back. */
    const admitted: boolean[] = [];
    const lost: number[] = [];
    const started: number[] = [];
    const { log, lines } = heardLog();
    const host = testHost({ clock, random: () => random, log });
    const server = new ServerLink<typeof mapToChar, typeof charToMap>(host, {
      to: "char-server",
      nameVariable: "MAP_SERVER_NAME",
      connect: () => {
        attempts.push(clock.nowMs());
        return connect();
      },
      sends: mapToChar,
      receives: charToMap,
      handlers: {} as Handlers<typeof charToMap>,
      cookies,
      credentials: { server: "map-1", username: "alpha", password },
      admitted: async (link, isBack) => {
        admitted.push(isBack);
        await setUp(link);
        return true;
      },
      lost: () => void lost.push(clock.nowMs()),
    });
    const start = async (): Promise<void> => {
      void server.start().then(() => started.push(clock.nowMs()));
      await clock.advance(0);
    };
    return { server, start, attempts, admitted, lost, started, lines };
  }
}
