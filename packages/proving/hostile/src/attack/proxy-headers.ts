import { encodeProxyHeader } from "@sallyport/link/addresses";
import { type Attack } from "./attack.ts";
import { eachConnection } from "./each-connection.ts";
import { firstBytes } from "./requests.ts";

const atOnce = 64;

/**
 * Addresses that are reserved for documentation (RFC 5737 and 3849), so no client has them. If a log contains
 * such an address, a server believed the header.
 */
const claimed = ["203.0.113.66", "2001:db8::66"] as const;
export const claimedMarks: readonly string[] = ["203.0.113.66", "2001:db8:"];

const header = (host: string): Buffer =>
  Buffer.from(
    encodeProxyHeader({ source: { host, port: 4_000 }, destination: { host: "127.0.0.1", port: 7_400 } }),
  );

/** Offset of the length field. It comes after the signature, the command and the address family. */
const lengthAt = 14;
const saying = (length: number): Buffer => {
  const bytes = header(claimed[0]);
  bytes.writeUInt16BE(length, lengthAt);
  return bytes;
};

const headers: readonly (Uint8Array | string)[] = [
  ...claimed.map(header),
  saying(0xffff),
  saying(0),
  saying(4),
  header(claimed[0]).subarray(0, lengthAt),
  `PROXY TCP4 ${claimed[0]} 127.0.0.1 4000 7400\r\n`,
];

export const proxyHeaders: Attack = {
  name: "proxy-headers",
  what: "claim another address in a PROXY header, valid or not, from an address that is no proxy",
  unit: "connections",
  count: 1_000,
  async run(count, field, toll) {
    // On a line port a header is lines that somebody types.
    const targets = field.targets.filter(({ kind }) => kind !== "line");
    await eachConnection(
      { count, atOnce, field: { ...field, targets }, toll },
      async (connection, { target, round }) => {
        connection.onBytes(() => {});
        connection.write(headers[round % headers.length] ?? "");
        connection.write(firstBytes(target, field));
        await connection.holdFor(field.patienceMs);
      },
    );
  },
};
