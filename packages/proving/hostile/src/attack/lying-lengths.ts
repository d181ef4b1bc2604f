import { type Attack } from "./attack.ts";
import { junk, upgradeRequest, webSocketFrame } from "./bytes.ts";
import { eachConnection } from "./each-connection.ts";
import { framings } from "./requests.ts";

const atOnce = 100;

/**
 * `claimed` is the length in the header, and `sent` is the number of bytes that follow. The first claims are
 * far too large. The others are a little too large or too small.
 */
const lies: readonly { readonly claimed: number; readonly sent: number }[] = [
  { claimed: 0xffff_ffff, sent: 16 },
  { claimed: 0x7fff_ffff, sent: 0 },
  { claimed: 2 << 20, sent: 1 << 20 },
  { claimed: (2 << 20) - 16, sent: (2 << 20) - 64 },
  { claimed: 4_000, sent: 100 },
  { claimed: 0, sent: 16 },
  { claimed: 4, sent: 16 },
  { claimed: 6, sent: 64 },
];

export const lyingLengths: Attack = {
  name: "lying-lengths",
  what: "send frames whose length field is far too large, a little too large, or too small",
  unit: "connections",
  count: 1_000,
  async run(count, field, toll) {
    const held: Promise<void>[] = [];
    await eachConnection({ count, atOnce, field, toll }, (connection, { target, index, round }) => {
      const { claimed, sent } = lies[round % lies.length] as (typeof lies)[number];
      const payload = framings[target.kind].lying(claimed, junk(field.random, sent));
      if (target.kind !== "websocket") connection.write(payload);
      else {
        connection.write(upgradeRequest(target));
        // Half of these connections lie about the length of the WebSocket message. The other half lies about
        // the length of the frame in the message.
        const isOuter = index % 2 === 0;
        const short = payload.subarray(0, 4_096);
        connection.write(isOuter ? webSocketFrame(short, claimed) : webSocketFrame(short));
      }
      connection.onBytes(() => {});
      held.push(connection.holdFor(field.patienceMs));
    });
    await Promise.all(held);
  },
};
