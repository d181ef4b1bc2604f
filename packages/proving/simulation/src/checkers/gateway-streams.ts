import type { Checker, FactOf, Rules } from "./checker.ts";

/** A client's stream and a server's stream that a gateway joins. */
interface Pair {
  readonly life: string;
  readonly client: number;
  readonly server: number;
  /**
   * `toServer` has the bytes from the client that the gateway has not yet passed on to the server. `toClient`
   * has the bytes of the other direction.
   */
  readonly toServer: Unpassed;
  readonly toClient: Unpassed;
  isJoined: boolean;
  readonly openedMs: number;
}

class Unpassed {
  #bytes: Buffer = Buffer.alloc(0);

  said(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  /** Removes passed bytes. Returns false if the sender did not send these bytes. */
  passes(bytes: Uint8Array): boolean {
    const isSaid = this.#bytes.subarray(0, bytes.length).equals(bytes);
    this.#bytes = this.#bytes.subarray(bytes.length);
    return isSaid;
  }
}

/** When one of two joined streams ends, the gateway ends the other within this many milliseconds. */
const joinedMs = 1_000;
/**
 * A stream to a server may stay unjoined for this many milliseconds, because the gateway may stand still
 * after it opened the stream. A server waits longer than this for the first bytes.
 */
const unjoinedMs = 14_000;

/**
 * A gateway passes on exactly the bytes that it receives. When one of two joined streams ends, the gateway
 * ends the other.
 */
export class GatewayStreams implements Checker {
  readonly name = "gateway-streams";
  /**
   * The key is the client's stream. The value has the bytes that the client sent, even if its stream is not
   * joined.
   */
  readonly #said = new Map<number, Unpassed>();
  /** The key is the server's stream. An entry stays while the gateway has at least one of the two streams. */
  readonly #pairs = new Map<number, Pair>();
  /** The pairs of joined streams. The key is the client's stream. */
  readonly #joined = new Map<number, Pair>();
  readonly #endedMs = new Map<number, number>();

  readonly rules: Rules = {
    "gateway-joined": ({ life, client, channel }, nowMs) => {
      const of = { life, client, server: channel, isJoined: false, openedMs: nowMs };
      this.#pairs.set(channel, { ...of, toServer: this.#saidOn(client), toClient: new Unpassed() });
      return null;
    },
    chunk: (chunk) => this.#heard(chunk),
    "gateway-ended": ({ channel }, nowMs) => {
      this.#endedMs.set(channel, nowMs);
      const { client = channel } = this.#pairs.get(channel) ?? {};
      this.#said.delete(client);
      return null;
    },
    "gateway-told": (_, nowMs) => this.end(nowMs),
    died: ({ life }) => {
      for (const [channel, pair] of this.#pairs) if (pair.life === life) this.#pairs.delete(channel);
      return null;
    },
  };

  end(nowMs: number): string | null {
    for (const pair of this.#pairs.values()) {
      const late = this.#judge(pair, nowMs);
      if (late !== null) return late;
    }
    return null;
  }

  #saidOn(client: number): Unpassed {
    const said = this.#said.get(client) ?? new Unpassed();
    this.#said.set(client, said);
    return said;
  }

  #heard({ channel, life, bytes }: FactOf<"chunk">): string | null {
    const toServer = this.#pairs.get(channel);
    const joined = this.#joined.get(channel);
    if (life.startsWith("gateway")) {
      if (toServer !== undefined && !toServer.isJoined) {
        toServer.isJoined = true;
        this.#joined.set(toServer.client, toServer);
      }
      const unpassed = toServer?.toServer ?? joined?.toClient;
      return unpassed?.passes(bytes) === true
        ? null
        : `${life} sent bytes on stream ${channel} that the other end never sent`;
    }
    (toServer?.toClient ?? this.#saidOn(channel)).said(bytes);
    return null;
  }

  #judge({ life, client, server, isJoined, openedMs }: Pair, nowMs: number): string | null {
    const ended = [client, server].map((channel) => this.#endedMs.get(channel));
    const [clientMs, serverMs] = ended;
    if (clientMs !== undefined && serverMs !== undefined) {
      this.#pairs.delete(server);
      this.#joined.delete(client);
      return null;
    }
    // A gateway can try several servers for one client. It closes the server streams that it does not use,
    // and the client's stream stays open.
    const sinceMs = isJoined ? (clientMs ?? serverMs) : clientMs;
    if (sinceMs === undefined) return null;
    const ms = Math.round(nowMs - Math.max(sinceMs, openedMs));
    if (ms <= (isJoined ? joinedMs : unjoinedMs)) return null;
    const kept = clientMs === undefined ? "client" : "server";
    return `${life} kept the stream of a ${kept} for ${ms} ms after the other stream ended`;
  }
}
