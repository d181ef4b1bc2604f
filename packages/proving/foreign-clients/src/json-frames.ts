import type { ByteStream } from "./byte-stream.ts";

/* The frames of seed 002, in both directions and at both of its servers: u32 length, big-endian, and JSON in UTF-8. */

const lengthBytes = 4;

export function jsonFrame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Reads one frame. Null if the connection ended before. */
export async function takeJson(stream: ByteStream): Promise<unknown> {
  const length = await stream.take(lengthBytes);
  const body = length && (await stream.take(length.readUInt32BE()));
  return body && (JSON.parse(body.toString("utf8")) as unknown);
}
