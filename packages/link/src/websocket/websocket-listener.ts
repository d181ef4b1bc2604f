import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { ByteChannel } from "../channel.ts";
import { Handshakes } from "../tcp/handshakes.ts";
import { type Address, remoteOf } from "../tcp/tcp-channel.ts";
import {
  behindProxies,
  isGone,
  type ListenOptions,
  onSecured,
  startListening,
  type TcpListener,
} from "../tcp/tcp-listener.ts";
import { followSource, serverTlsOptions } from "../tcp/tls.ts";
import { libraryBounds } from "./library-bounds.ts";
import { webSocketChannel } from "./websocket-channel.ts";

export interface WebSocketListenOptions extends ListenOptions {
  /** Of the page that a browser is on. Who names no origin is no browser, and is not asked. */
  readonly isOriginAllowed: (origin: string) => boolean;
}

const headerBytesMax = 8 * 1024;
const purpose = "This port speaks WebSocket.\n";

/** Any path will do. Rejects with `ListenFailed`, which names the address. */
export async function listenWebSocket(
  address: Address,
  accept: (channel: ByteChannel) => void,
  options: WebSocketListenOptions,
): Promise<TcpListener> {
  const proxies = behindProxies(options);
  const seenAs = proxies?.seenAs ?? remoteOf;
  const handshakes = new Handshakes(options, seenAs);
  const upgrades = new WebSocketServer({ noServer: true, ...libraryBounds });
  const { tls } = options;
  const http = tls === undefined ? plainServer(handshakes) : securedServer(tls, handshakes);
  http.server.on("request", (_request, response) => {
    response.writeHead(426, {
      ...{ connection: "close", upgrade: "websocket" },
      ...{ "content-type": "text/plain", "content-length": purpose.length },
    });
    response.end(purpose);
  });
  http.server.on("upgrade", (request: http.IncomingMessage, duplex: Duplex, head: Buffer) => {
    // What both kinds of server give; the declared type leaves room for sockets made by others.
    const socket = duplex as Socket;
    if (isGone(socket)) return void socket.destroy();
    const { origin } = request.headers;
    if (origin !== undefined && !options.isOriginAllowed(origin)) return forbid(socket);
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      handshakes.done(socket);
      accept(webSocketChannel(webSocket, seenAs(socket)));
    });
  });
  return startListening(http.server, address, { ...options, proxies }, () => {
    http.stopped();
    handshakes.stop();
  });
}

function plainServer(handshakes: Handshakes) {
  const server = http.createServer({ maxHeaderSize: headerBytesMax });
  server.on("connection", (socket) => handshakes.begin(socket));
  return { server, stopped: () => {} };
}

function securedServer(tls: NonNullable<ListenOptions["tls"]>, handshakes: Handshakes) {
  const server = https.createServer({ ...serverTlsOptions(tls), maxHeaderSize: headerBytesMax });
  onSecured(server, tls, handshakes, () => {});
  return { server, stopped: followSource(server, tls.source) };
}

function forbid(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  const text = "Pages of this origin may not connect here.\n";
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  );
}
