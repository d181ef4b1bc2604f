import { execFileSync } from "node:child_process";

const script = `
  const [, host, port, hex, count] = process.argv;
  for (let nth = 0; nth < count; nth += 1) {
    const socket = require("node:net").connect({ host, port });
    socket.on("error", () => {});
    socket.on("connect", () => socket.write(Buffer.from(hex, "hex"), () => socket.resetAndDestroy()));
  }
`;

/**
 * Connects several times, sends the bytes and disconnects, while this process is blocked. So a listener in
 * this process gets connections that are already closed, with bytes still to be read.
 */
export function comeAndGo(
  at: { readonly host: string; readonly port: number },
  bytes: Uint8Array,
  count = 20,
): void {
  const hex = Buffer.from(bytes).toString("hex");
  execFileSync(process.execPath, ["-e", script, at.host, String(at.port), hex, String(count)]);
}
