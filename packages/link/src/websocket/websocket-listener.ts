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
import { forwardedFor } from "./forwarded-for.ts";
import { libraryBounds } from "./library-bounds.ts";
import { webSocketChannel } from "./websocket-channel.ts";

export interface WebSocketListenOptions extends ListenOptions {
  /** Called with the origin of a browser's page. Other clients send no origin, so they are not checked. */
  readonly isOriginAllowed: (origin: string) => boolean;
}

const headerBytesMax = 8 * 1024;
const purpose = "This port speaks WebSocket.\n";

/** Listens for WebSocket connections to any path. Rejects with `ListenFailed`, which contains the address. */
export async function listenWebSocket(
  address: Address,
  accept: (channel: ByteChannel) => void,
  options: WebSocketListenOptions,
): Promise<TcpListener> {
  const { tls, isOriginAllowed } = options;
  const isProxy = options.isProxy ?? (() => false);
  // An HTTP proxy sends the client's address in an HTTP header, so the PROXY header is optional.
  const proxies = behindProxies(options, "optional");
  const seenAs = proxies?.seenAs ?? remoteOf;
  const remoteBehind = ({ headers, socket }: http.IncomingMessage): string =>
    forwardedFor(headers["x-forwarded-for"], seenAs(socket), isProxy);
  const handshakes = new Handshakes(options, seenAs);
  const upgrades = new WebSocketServer({ noServer: true, ...libraryBounds });
  const isSecure = tls !== undefined;
  const http = tls === undefined ? plainServer(handshakes) : securedServer(tls, handshakes);
  const refuse = (request: http.IncomingMessage, why: string): void =>
    handshakes.turnAway(request.socket, { remote: remoteBehind(request), by: "not-websocket", why });
  http.server.on("request", (request, response) => {
    refuse(request, "asked for a page");
    response.writeHead(426, {
      ...{ connection: "close", upgrade: "websocket" },
      ...{ "content-type": "text/plain", "content-length": purpose.length },
    });
    response.end(purpose);
  });
  http.server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The client has disconnected. `Handshakes` reports this when the connection closes.
    if (error.code === "ECONNRESET" || isGone(socket as Socket)) return void socket.destroy();
    handshakes.turnAway(socket as Socket, {
      remote: seenAs(socket as Socket),
      ...{ by: "not-websocket", why: `sent no HTTP: ${error.code ?? "nonsense"}` },
    });
    const isTooLong = error.code === "HPE_HEADER_OVERFLOW";
    const status = isTooLong ? "431 Request Header Fields Too Large" : "400 Bad Request";
    answerAndEnd(socket as Socket, status, purpose);
  });
  upgrades.on("wsClientError", (error, socket, request) => {
    refuse(request, error.message);
    answerAndEnd(socket as Socket, "400 Bad Request", `${error.message}\n`);
  });
  http.server.on("upgrade", (request: http.IncomingMessage, duplex: Duplex, head: Buffer) => {
    // Both kinds of server pass a `Socket`, although the declared type is wider.
    const socket = duplex as Socket;
    if (isGone(socket)) return void socket.destroy();
    const remote = remoteBehind(request);
    const { origin } = request.headers;
    if (origin !== undefined && !isOriginAllowed(origin)) {
      handshakes.turnAway(socket, { remote, by: "origin", why: "this origin may not connect", origin });
      return answerAndEnd(socket, "403 Forbidden", "Pages of this origin may not connect here.\n");
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      handshakes.done(socket);
      accept(webSocketChannel(webSocket, { remote, isSecure }));
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

function answerAndEnd(socket: Socket, status: string, text: string): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
  );
}
