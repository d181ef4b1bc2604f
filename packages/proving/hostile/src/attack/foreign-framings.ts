import { jsonFrame, plainFrame, requestBytes, slimeFrame, str, u16 } from "@sallyport/foreign-clients";
import type { Field } from "./attack.ts";
import { afterLength, type Framing, markBytes, nothing, plain } from "./framing.ts";

/* The protocols of the seeds, and lines. Their clients send texts, and no message may be repeated at any time. */

const headerBytes = 64;

/** A name that nobody has, with enough of the marker to find it in a log. */
export const unknownName = ({ marker, random }: Field): string =>
  `${marker.slice(0, markBytes)}_${random.whole(0, 9_999)}`;
/** A name under which the client registers: servers log it. */
const newName = ({ marker, random }: Field): string => `${marker.slice(0, 8)}_${random.whole(0, 0xff_ffff)}`;

/** Requests of 130 bytes, in turn to log in and to register. */
export const aSeriesFraming: Framing = {
  ...plain,
  message: (_, field, nth) =>
    nth % 2 === 0
      ? requestBytes(0xa1, `${unknownName(field)}@example.org`, field.marker)
      : requestBytes(0xa3, `${newName(field)}@example.org`, field.marker),
  idle: nothing,
  slow: (_, field) => requestBytes(0xa1, `${unknownName(field)}@example.org`, field.marker).subarray(0, -1),
  // A request has no length. The claim is its type.
  lying(claimed, content) {
    const type = Buffer.alloc(2);
    type.writeUInt16BE(claimed & 0xffff, 0);
    return Buffer.concat([type, content]);
  },
};

/** Requests for a token with a password that is wrong. */
export const tokenFraming: Framing = {
  ...plain,
  message: (_, field) => jsonFrame({ type: "token", identity: unknownName(field), password: field.marker }),
  idle: nothing,
  slow: (target, field) => tokenFraming.message(target, field, 0).subarray(0, -1),
  lying: afterLength,
};

/** A name and a password, in turn. A name that nobody has makes an account. */
export const chatFraming: Framing = {
  ...plain,
  message: (_, field, nth) => plainFrame(nth % 2 === 0 ? newName(field) : field.marker),
  idle: nothing,
  slow: (_, field) => plainFrame(newName(field)).subarray(0, -1),
  lying: (claimed, content) =>
    Buffer.concat([Buffer.from(String(claimed).padEnd(headerBytes, " ")), content]),
};

/** A name and a password, in turn, as lines. */
export const lineFraming: Framing = {
  ...plain,
  message: (_, field, nth) => Buffer.from(`${nth % 2 === 0 ? unknownName(field) : field.marker}\r\n`),
  idle: nothing,
  // The client answers questions of telnet that nobody asked, and types half a name.
  slow: (_, field) =>
    Buffer.concat([Buffer.alloc(300, Buffer.from([0xff, 0xfb, 1])), Buffer.from(unknownName(field))]),
  // A line has no length: it does not end.
  lying: (claimed, content) =>
    Buffer.concat([Buffer.from(String(claimed)), Buffer.alloc(content.length, "x")]),
};

const [login, register, ping] = [10, 7, 9];
const credentials = (id: number, name: string, { marker }: Field): Buffer =>
  slimeFrame(u16(id), str("0.106"), str(name), str(marker), str("00-11-22-33-44-55"));

/** Requests of the protocol 0.106, in turn to register and to log in. Each begins its cipher anew. */
export const slimeFraming: Framing = {
  ...plain,
  message: (_, field, nth) =>
    nth % 2 === 0
      ? credentials(register, newName(field), field)
      : credentials(login, unknownName(field), field),
  idle: Buffer.concat(Array.from({ length: 500 }, () => slimeFrame(u16(ping)))),
  slow: (_, field) => credentials(login, unknownName(field), field).subarray(0, -1),
  lying: (claimed, content) => Buffer.concat([u16(claimed & 0xffff), content]),
};
