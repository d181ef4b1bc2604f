import type { ByteChannel } from "@sallyport/link";
import { createClient } from "@sallyport/sdk";
import {
  type Client,
  type ClientBounds,
  ClientDoor,
  drained,
  type Host,
  type Visit,
} from "@sallyport/server-kit";
import { Conversation, type Talk } from "./conversation.ts";
import type { Address, Inward } from "./inward.ts";
import { Journey, type JourneyEvents } from "./journey.ts";
import type { Protocol } from "./protocol.ts";
import { dialectOf, type FrontDoor } from "./protocol-dialect.ts";

export interface FrontOptions {
  readonly inward: Inward;
  readonly bounds: ClientBounds;
  /** The version of this program, which servers log. */
  readonly version: string;
}

type Welcome = (client: Client<FrontDoor>) => Visit<FrontDoor>;

const tellDrainMs = 10_000;

/**
 * Serves clients of foreign protocols. For each client it goes login → char → map as a client of ours does. It
 * decides nothing and stores nothing, so any number of fronts may run.
 */
export class Front {
  readonly #host: Host;
  readonly #options: FrontOptions;
  /** One door for all protocols, so that its bounds hold for all of them together. */
  readonly #door: ClientDoor<FrontDoor>;
  /** By the name of the protocol. */
  readonly #welcomes = new Map<string, Welcome>();
  readonly #talks = new Set<Talk>();
  /** Characters of clients that are gone are still being saved. */
  readonly #leaving = new Set<Promise<void>>();
  #phase: "up" | "draining" | "stopped" = "up";

  constructor(host: Host, options: FrontOptions) {
    this.#host = host;
    this.#options = options;
    this.#door = new ClientDoor<FrontDoor>(host, {
      door: "front",
      bounds: options.bounds,
      welcome: (client) => this.#welcomeOf(client.dialect.name)(client),
    });
  }

  get clientCount(): number {
    return this.#talks.size;
  }

  /** Serves this protocol too. `at` is its port. The returned function takes a client that has connected there. */
  serve<State extends { readonly at: string }, Said extends { readonly type: string }, Told>(
    protocol: Protocol<State, Said, Told>,
    at: Address,
  ): (channel: ByteChannel) => void {
    this.#welcomes.set(protocol.name, (client) => this.#welcome(client, protocol, at));
    const dialect = dialectOf(protocol);
    return (channel) => this.#door.accept(channel, dialect);
  }

  /**
   * Takes no new clients. Those that are connected stay. Resolves when none is left, after `withinMs`, or when
   * the front is stopped.
   */
  async drain(withinMs: number): Promise<void> {
    if (this.#phase !== "up") return;
    this.#phase = "draining";
    this.#door.close();
    await drained(this.#host, {
      ...{ withinMs, tellEveryMs: tellDrainMs },
      left: () => ({ connections: this.clientCount }),
      over: () => (this.#phase === "stopped" ? "stopped" : this.clientCount === 0 ? "empty" : null),
    });
  }

  /** Says goodbye to every client, and resolves when all characters are saved. */
  async stop(): Promise<void> {
    this.#phase = "stopped";
    this.#door.close();
    await Promise.all([...this.#talks].map((talk) => talk.stop()));
    await Promise.all([...this.#leaving]);
    this.#door.stop("the front stops");
  }

  #welcomeOf(protocol: string): Welcome {
    const welcome = this.#welcomes.get(protocol);
    if (welcome === undefined) throw new Error(`no protocol of this front has the name ${protocol}`);
    return welcome;
  }

  #welcome<State extends { readonly at: string }, Said extends { readonly type: string }, Told>(
    client: Client<FrontDoor>,
    protocol: Protocol<State, Said, Told>,
    at: Address,
  ): Visit<FrontDoor> {
    const { inward, version } = this.#options;
    const { clock } = this.#host;
    const { name: dialect, secondLogin } = protocol;
    const clientFor = (device: string | null) =>
      createClient({
        ...{ connect: inward.connectFor(client.remote, at), login: inward.login, clock },
        ...{ dialect, secondLogin, program: { name: "sallyport-front", version } },
        ...(device === null ? {} : { deviceId: device }),
        onUnreachable: (door, why) => client.log.warn({ door, why }, "a server cannot be reached"),
      });
    const open = (events: JourneyEvents): Journey => new Journey(clientFor, events);
    const talk: Talk = new Conversation(this.#host, client, protocol, open);
    this.#talks.add(talk);
    const gone = (): void => {
      this.#talks.delete(talk);
      const left = talk.stop();
      this.#leaving.add(left);
      void left.finally(() => this.#leaving.delete(left));
    };
    return { handlers: talk.handlers, gone };
  }
}
