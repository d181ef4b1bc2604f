import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** No request is longer. A body of this length is taken in, also if its request was refused before it came. */
const lengthMax = 16 << 20;
/** The client has this many milliseconds to read its answer. */
const partingMs = 500;

/**
 * Ends a connection if an answer is written and the body of its request goes on, without a length or with one of
 * more than 16 MiB. Nothing more is read from it. Node would take in such a body until the time for a request is
 * over, however many bytes that are.
 */
export function endUnreadBodies(server: Server): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // Node begins to discard the body just after this event, so only then it can be told to stop.
    response.once("finish", () => setImmediate(() => endIfEndless(request)));
  });
}

function endIfEndless({ complete, headers, socket }: IncomingMessage): void {
  const length = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  if (complete || length <= lengthMax) return;
  socket.pause();
  setTimeout(() => socket.destroy(), partingMs).unref();
}
