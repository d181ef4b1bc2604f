import type { Dialect } from "@sallyport/dialects";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { type Client, ClientDoor, clientBounds, type Host, type Visit } from "@sallyport/server-kit";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import type { Asked, Done, NotDone } from "../src/asked.ts";
import { Conversation, type Inwards } from "../src/conversation.ts";
import type { JourneyEvents } from "../src/journey.ts";
import type { Protocol, Scene } from "../src/protocol.ts";
import { dialectOf, type FrontDoor } from "../src/protocol-dialect.ts";

/** The servers behind a front, played by the test. */
export class PlayedServers implements Inwards {
  scene: Scene | null = null;
  readonly asked: Asked[] = [];
  hasEnded = false;
  events: JourneyEvents | null = null;
  stopFront: () => void = () => {};
  #answer: (answer: Done | NotDone) => void = () => {};

  carryOut(asked: Asked): Promise<Done | NotDone> {
    this.asked.push(asked);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  async answer(answer: Done | NotDone): Promise<void> {
    this.#answer(answer);
    await settled();
  }

  async end(): Promise<void> {
    this.hasEnded = true;
  }
}

/** The last minute of a Saturday. */
const beginsAtMs = Date.UTC(2026, 10, 28, 23, 59);

/** A door for one client of a protocol, and the servers behind it that the test plays. */
export class PlayedDoor {
  readonly servers = new PlayedServers();
  readonly clock = new ManualClock();
  readonly #door: ClientDoor<FrontDoor>;
  readonly #dialect: Dialect<FrontDoor>;

  private constructor(
    dialect: Dialect<FrontDoor>,
    converse: (host: Host, client: Client<FrontDoor>, servers: PlayedServers) => Visit<FrontDoor>,
  ) {
    const host = testHost({ clock: this.clock, wallMs: () => beginsAtMs + this.clock.nowMs() });
    this.#dialect = dialect;
    this.#door = new ClientDoor<FrontDoor>(host, {
      door: "front",
      bounds: clientBounds({ firstCommandMs: 600_000 }),
      welcome: (client) => converse(host, client, this.servers),
    });
  }

  static of<State extends { readonly at: string }, Said extends { readonly type: string }, Told>(
    protocol: Protocol<State, Said, Told>,
  ): PlayedDoor {
    return new PlayedDoor(dialectOf(protocol), (host, client, servers) => {
      const open = (events: JourneyEvents): Inwards => {
        servers.events = events;
        return servers;
      };
      const talk = new Conversation(host, client, protocol, open);
      const stop = (): void => void talk.stop();
      servers.stopFront = stop;
      return { handlers: talk.handlers, gone: stop };
    });
  }

  accept(channel: ByteChannel): void {
    this.#door.accept(channel, this.#dialect);
  }
}

/** One client of a protocol, and the servers that the test plays for it. */
export class PlayedClient {
  readonly servers: PlayedServers;
  readonly clock: ManualClock;
  readonly channel: ByteChannel;
  heard: Buffer = Buffer.alloc(0);
  /** What arrived, one entry for each write of the front. */
  readonly writes: Uint8Array[] = [];
  isClosed = false;

  private constructor(door: PlayedDoor) {
    ({ servers: this.servers, clock: this.clock } = door);
    const [near, far] = memoryChannelPair(["client", "front"]);
    this.channel = near;
    near.listen({
      bytes: (chunk) => {
        this.heard = Buffer.concat([this.heard, chunk]);
        this.writes.push(chunk);
      },
      closed: () => {
        this.isClosed = true;
      },
    });
    door.accept(far);
  }

  static of<State extends { readonly at: string }, Said extends { readonly type: string }, Told>(
    protocol: Protocol<State, Said, Told>,
  ): PlayedClient {
    return new PlayedClient(PlayedDoor.of(protocol));
  }

  async sends(...parts: readonly (string | Uint8Array)[]): Promise<void> {
    this.channel.send(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
    await settled();
  }
}
