import { jsonFrame } from "@sallyport/foreign-clients";
import type { Field, Target } from "./attack.ts";
import { unknownName } from "./foreign-framings.ts";
import { afterLength, type Framing, nothing, plain } from "./framing.ts";

/* The two ports of the resource-server. Requests carry a token that no login-server has signed. */

/** There are 21 requests, numbered from 1. The others are unknown. */
const types = 24;

export const resourceFraming: Framing = {
  ...plain,
  message: (_, field, nth) =>
    jsonFrame({ type: nth % types, identity: unknownName(field), token: field.marker, entry_id: nth }),
  idle: nothing,
  slow: (target, field) => resourceFraming.message(target, field, 0).subarray(0, -1),
  lying: afterLength,
};

const head = (line: string, { host, port }: Target, { marker }: Field): string =>
  `${line} HTTP/1.1\r\nHost: ${host}:${port}\r\nAuthorization: Bearer ${marker}\r\n`;

/** Requests to read and to write, in turn. */
export const httpFraming: Framing = {
  ...plain,
  message(target, field, nth) {
    if (nth % 2 === 0) return Buffer.from(`${head("GET /leaderboards", target, field)}\r\n`);
    const body = JSON.stringify({ name: field.marker });
    const lengths = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return Buffer.from(`${head("POST /leaderboards", target, field)}${lengths}${body}`);
  },
  idle: nothing,
  slow: (target, field) => httpFraming.message(target, field, 0).subarray(0, -1),
  lying: (claimed, content) =>
    Buffer.concat([
      Buffer.from(`POST /leaderboards HTTP/1.1\r\nHost: lies\r\nContent-Length: ${claimed}\r\n\r\n`),
      content,
    ]),
};
