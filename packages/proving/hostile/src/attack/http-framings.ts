import type { Field, Target } from "./attack.ts";
import { type Framing, nothing, plain } from "./framing.ts";

/* The HTTP ports: that of the resource-server, and that of the keys of tokens at each login-server. */

/** Node refuses a longer head. */
const headBytesMax = 16_384;
/** The client goes on with its head for so long that the server has to end it, and never completes it. */
const slowBytes = 8_192;
/** Claims from here on are bodies in chunks, which have no length and no end. */
const endless = 0x7000_0000;

const headOf = (line: string, { host, port }: Target, { marker }: Field): string =>
  `${line} HTTP/1.1\r\nHost: ${host}:${port}\r\nAuthorization: Bearer ${marker}\r\n`;

/** Header fields of this many bytes in all, or a few more. */
const padding = ({ marker }: Field, bytes: number): string => {
  const line = `X-Padding: ${marker}\r\n`;
  return line.repeat(Math.ceil(bytes / line.length));
};

/** What everybody may read at an HTTP port. */
export const publicPages: { readonly [K in Target["kind"]]?: string } = {
  http: "/openapi.json",
  "keys-http": "/.well-known/jwks.json",
};

interface Paths {
  readonly reads: string;
  readonly writes: string;
}

/** What no such port wants: other methods, types of content and lengths of heads than it has. */
const oddities = ({ reads, writes }: Paths): readonly ((target: Target, field: Field) => string)[] => {
  const withBody = (line: string, type: string) => (target: Target, field: Field) => {
    const body = JSON.stringify({ name: field.marker });
    return `${headOf(line, target, field)}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const bare = (line: string) => (target: Target, field: Field) => `${headOf(line, target, field)}\r\n`;
  return [
    bare(`GET ${reads}`),
    withBody(`POST ${writes}`, "application/json"),
    ...["DELETE", "OPTIONS", "TRACE", "PROPFIND"].map((method) => bare(`${method} ${reads}`)),
    ...["PUT", "PATCH", "GET", "HEAD"].map((method) => withBody(`${method} ${reads}`, "text/plain")),
    withBody(`POST ${writes}`, "multipart/form-data; boundary=x"),
    withBody(`POST ${writes}`, "application/json; charset=utf-16"),
    bare(`GET ${reads}?${"a=b&".repeat(1_000)}`),
    bare(`GET http://elsewhere.example${reads}`),
    bare("GET /../../etc/passwd"),
    (target, field) => `${headOf(`GET ${reads}`, target, field)}${padding(field, headBytesMax)}\r\n`,
    (target, field) => `${headOf(`GET ${reads}`, target, field)}Expect: 100-continue\r\n\r\n`,
  ];
};

function httpFramingOf(paths: Paths): Framing {
  const messages = oddities(paths);
  const [first] = messages;
  return {
    ...plain,
    message: (target, field, nth) =>
      Buffer.from((messages[nth % messages.length] ?? first)?.(target, field) ?? ""),
    idle: nothing,
    slow: (target, field) =>
      Buffer.from(`${headOf(`GET ${paths.reads}`, target, field)}${padding(field, slowBytes)}`),
    lying(claimed, content) {
      const length = claimed < endless ? `Content-Length: ${claimed}` : "Transfer-Encoding: chunked";
      const chunk = claimed < endless ? "" : `${claimed.toString(16)}\r\n`;
      const head = `POST ${paths.writes} HTTP/1.1\r\nHost: lies\r\n${length}\r\n\r\n${chunk}`;
      return Buffer.concat([Buffer.from(head), content]);
    },
  };
}

/** Tokens that no login-server has signed. */
export const httpFraming: Framing = httpFramingOf({ reads: "/leaderboards", writes: "/leaderboards" });
/** This port has nothing but two pages, for everybody. */
export const keysHttpFraming: Framing = httpFramingOf({
  reads: "/revocations",
  writes: "/.well-known/jwks.json",
});
