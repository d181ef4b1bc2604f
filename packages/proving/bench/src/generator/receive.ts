import net from "node:net";
import { helloFrame, mapDoorMessages } from "@sallyport/dialects/native";
import { AccountId, CharId, LoginId } from "@sallyport/domain";
import { encodeFrame, MessageCodec } from "@sallyport/wire";
import { megabytesEach } from "../sender/megabytes.ts";
import { ActFailed, type Address, answerMs } from "./visit.ts";

const ids = { accountId: AccountId(1), charId: CharId(1), loginId1: LoginId(1), sex: "female" } as const;
/** When a gateway has read these bytes, it connects the client to a map-server. */
const enters = Buffer.concat([
  helloFrame(),
  encodeFrame(
    "request",
    1,
    new MessageCodec(mapDoorMessages).encode({ type: "map.enter", ...ids }, answerMs),
  ),
]);

/** Resolves when all bytes of the sender have arrived. */
export function receive({ host, port }: Address, received: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new ActFailed(`sender: ${why}`));
    };
    let bytes = 0;
    socket.setTimeout(answerMs, () => fail(`nothing in ${answerMs} ms`));
    socket.write(enters);
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      received(chunk.length);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once("close", () => (bytes === megabytesEach << 20 ? resolve() : fail("not all bytes arrived")));
  });
}
