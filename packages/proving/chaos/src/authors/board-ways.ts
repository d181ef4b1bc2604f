import http from "node:http";
import { type Place, ResourceClient } from "@sallyport/foreign-clients";

/* The two ways to the resource-server. Both take a request, and say `ok` or why not. */

export interface BoardRequest {
  /** The number of the request over TCP. Its fields are those of the path and of the body. */
  readonly type: number;
  readonly path: string;
  readonly ids: { readonly [field: string]: number };
  readonly body: { readonly [field: string]: unknown };
}

/**
 * The refusals are those of the server, and these. `unreachable`: there was no connection. `disconnected`: it ended
 * without an answer. `unanswered`: the client gave up.
 */
export type BoardAnswer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly refusal: string };

export interface BoardWay {
  readonly name: string;
  asks(request: BoardRequest, token: string): Promise<BoardAnswer>;
  close(): void;
}

export interface BoardWayOptions {
  readonly place: Place;
  readonly identity: string;
  /** The address of this machine from which it connects. */
  readonly from: string;
  /** Time limit for an answer, in milliseconds. */
  readonly answerMs: number;
}

interface Reply {
  readonly success: boolean;
  readonly data: unknown;
  readonly refusal?: string;
}

const no = (refusal: string): BoardAnswer => ({ ok: false, refusal });

const answerIn = ({ success, data, refusal }: Reply): BoardAnswer =>
  success ? { ok: true, data } : no(refusal ?? `no refusal: ${String(data)}`);

/** Keeps its connection as long as the server does. */
export function overTcp({ place, identity, from, answerMs }: BoardWayOptions): BoardWay {
  let client: ResourceClient | null = null;
  const connected = async (): Promise<ResourceClient | null> => {
    if (client !== null && !client.stream.isEnded) return client;
    client = await ResourceClient.connect(place, { identity, token: "" }, from).catch(() => null);
    if (client !== null) client.stream.patienceMs = answerMs;
    return client;
  };
  return {
    name: "resource over TCP",
    async asks({ type, ids, body }, token) {
      const asked = await connected();
      if (asked === null) return no("unreachable");
      const untilMs = performance.now() + answerMs;
      const reply = await asked.asks(type, { ...ids, ...body, token });
      if (reply !== null) return answerIn(reply);
      return no(performance.now() < untilMs ? "disconnected" : "unanswered");
    },
    close: () => client?.stream.destroy(),
  };
}

export function overHttp({ place: { host, port }, from, answerMs }: BoardWayOptions): BoardWay {
  const agent = new http.Agent({ keepAlive: true });
  return {
    name: "resource over HTTP",
    asks({ path, body }, token) {
      const json = JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(json),
      };
      return new Promise((resolve) => {
        let isConnected = false;
        const request = http.request({
          host,
          port,
          path,
          method: "POST",
          agent,
          localAddress: from,
          headers,
        });
        const giveUp = setTimeout(() => {
          resolve(no("unanswered"));
          request.destroy();
        }, answerMs);
        const settle = (answer: BoardAnswer): void => {
          clearTimeout(giveUp);
          resolve(answer);
        };
        request.on("socket", (socket) => {
          isConnected = !socket.connecting;
          if (isConnected) return;
          socket.once("connect", () => {
            isConnected = true;
          });
        });
        request.on("error", () => settle(no(isConnected ? "disconnected" : "unreachable")));
        request.on("response", (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("error", () => {});
          response.on("close", () => {
            // A server that stood still for too long gives up reading, and answers without a body.
            const isWhole = response.complete && text !== "";
            settle(isWhole ? answerIn(JSON.parse(text) as Reply) : no("disconnected"));
          });
        });
        request.end(json);
      });
    },
    close: () => agent.destroy(),
  };
}
