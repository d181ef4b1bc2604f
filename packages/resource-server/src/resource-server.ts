import type { NetworkBans } from "@sallyport/database";
import { type NetworkBan, refusedWith } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import {
  BanList,
  type Client,
  type ClientBounds,
  ClientDoor,
  Follower,
  type Host,
  orUnavailable,
  type Visit,
} from "@sallyport/server-kit";
import { createResourceApp, type ResourceApp } from "./http/resource-app.ts";
import { LongRequests } from "./long-requests.ts";
import type { AnyRequest } from "./requests/request.ts";
import { resourceRequests } from "./requests/resource-requests.ts";
import { type Answered, ResourceService, type ResourceServiceDeps } from "./resource-service.ts";
import { ResourceDialect, type ResourceDoor, unknownRequest, unreadable } from "./tcp/resource-dialect.ts";
import { UnderWay } from "./under-way.ts";

export interface ResourceServerOptions extends Omit<ResourceServiceDeps, "host"> {
  /** For clients over TCP. */
  readonly bounds: ClientBounds;
  /** Maximum number of requests over 1 MiB that may be without their answers at once. */
  readonly longRequestsMax: number;
  /** The version of this program, for the OpenAPI document. */
  readonly version: string;
  /** Addresses from which nobody may come. Null: they are not known here. */
  readonly networkBans: Pick<NetworkBans, "bansAfter"> | null;
}

/** A stop waits this long for requests that are under way. A statement takes at most ten seconds. */
const stopMs = 12_000;

/**
 * Serves the requests of the table over TCP and over HTTP. Requests of one connection are carried out in turn. Any
 * number of these servers may run on one database.
 */
export class ResourceServer {
  readonly #host: Host;
  readonly #service: ResourceService;
  readonly #door: ClientDoor<ResourceDoor>;
  readonly #longRequests: LongRequests;
  readonly #underWay: UnderWay;
  readonly #bans: Follower<NetworkBan> | null;
  #isStopping = false;
  /** Answers requests over HTTP. */
  readonly app: ResourceApp;

  constructor(host: Host, options: ResourceServerOptions) {
    const { bounds, longRequestsMax, version, identities, audience, store, networkBans } = options;
    this.#host = host;
    this.#service = new ResourceService({ host, identities, audience, store });
    this.#longRequests = new LongRequests(longRequestsMax);
    this.#underWay = new UnderWay(host.clock);
    const bans = new BanList(host.wallMs);
    this.#door = new ClientDoor(host, {
      door: "resource",
      bounds,
      bans,
      welcome: (client) => this.#welcome(client),
    });
    this.app = createResourceApp({
      host,
      version,
      service: this.#service,
      longRequests: this.#longRequests,
      isBanned: (remote) => bans.ofAddress(remote) !== null,
      carryOut: (run) => this.#carryOut(run),
    });
    this.#bans = networkBans && this.#follow(networkBans, bans);
  }

  get clientCount(): number {
    return this.#door.clientCount;
  }

  /** Takes a client that has connected over TCP. */
  accept(channel: ByteChannel): void {
    this.#door.accept(channel, new ResourceDialect(this.#longRequests));
  }

  /** A request over HTTP has begun. Call the returned function when its answer is written. */
  beginHttp(): () => void {
    return this.#underWay.begin();
  }

  /**
   * Takes no more clients. Requests that are under way get their answers, later ones are refused. Then all
   * connections are closed.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#door.close();
    await Promise.all([this.#underWay.ended(stopMs), this.#bans?.stop()]);
    this.#door.stop("the resource-server stops");
  }

  #welcome(client: Client<ResourceDoor>): Visit<ResourceDoor> {
    let answered = (): void => {};
    let [isCarryingOut, isGone] = [false, false];
    const ended = (): void => {
      if (client.dialect instanceof ResourceDialect) client.dialect.ended();
    };
    const answer = async (row: AnyRequest, asked: Parameters<ResourceService["answer"]>[1]) => {
      if (this.#isStopping) return stopping();
      answered = this.#underWay.begin();
      isCarryingOut = true;
      try {
        return await this.#service.answer(row, asked);
      } finally {
        isCarryingOut = false;
        if (isGone) ended();
      }
    };
    const refuse: Visit<ResourceDoor>["handlers"][string] = async (command) => {
      if (!("refused" in command)) throw new Error(`${command.type} is no request`);
      const { refusal, detail } = command.refused;
      client.log.info({ why: refusal }, "a request could not be read");
      return detail === undefined ? { ok: false, refusal } : refusedWith(refusal, detail);
    };
    const handlers = resourceRequests.map((row): [string, Visit<ResourceDoor>["handlers"][string]] => [
      row.name,
      async (command) => {
        if (!("asked" in command)) throw new Error(`${row.name} cannot be read`);
        return answer(row, command.asked);
      },
    ]);
    return {
      handlers: Object.fromEntries([...handlers, [unknownRequest, refuse], [unreadable, refuse]]),
      answered: () => answered(),
      putOut() {
        client.send({ type: "banned" });
        client.disconnect("its address is banned");
      },
      gone() {
        isGone = true;
        answered();
        // The bytes of a request are in memory until it is carried out.
        if (!isCarryingOut) ended();
      },
    };
  }

  #follow(networkBans: Pick<NetworkBans, "bansAfter">, bans: BanList): Follower<NetworkBan> {
    return new Follower(this.#host, {
      begin: async () => 0,
      read: (...after) => networkBans.bansAfter(...after),
      apply: (changed) => {
        bans.learn(changed);
        this.#door.putOutBanned();
      },
      againForMs: 0,
      about: ({ id }) => id,
    });
  }

  async #carryOut(run: () => Promise<Answered>): Promise<Answered> {
    return this.#isStopping ? stopping() : orUnavailable(this.#host.log, run);
  }
}

const stopping = () => refusedWith("unavailable", "the server stops; ask another one, or try again later");
