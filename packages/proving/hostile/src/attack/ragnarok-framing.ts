import { clientPackets } from "@sallyport/ragnarok-load";
import type { Field, Target } from "./attack.ts";
import { packetHeader } from "./bytes.ts";
import { type Framing, markBytes, plain } from "./framing.ts";
import { id } from "./native-framing.ts";

const pings = Buffer.alloc(6 * 5_000, clientPackets.ping(0));
/** A server accepts this many bytes of pings before the first packet. */
const slowBytesMax = 4_000;

/** Returns the first packet of a client that is not logged in. */
function strangersPacket({ tier, server }: Target, { random, marker }: Field): Uint8Array {
  const [accountId, charId, loginId1, loginId2] = [id(random), id(random), id(random), id(random)];
  const ids = { accountId, loginId1, loginId2, sex: 0 };
  switch (tier) {
    case "login":
      return clientPackets.login(
        `${marker.slice(0, markBytes)}_${random.whole(0, 99)}`,
        marker.slice(0, markBytes),
      );
    case "char":
      return clientPackets.enterChar(ids);
    case "map":
      return clientPackets.enterMap(ids, charId, 0);
    case "front":
    case "resource":
      throw new Error(`${server} has no port for Ragnarok clients`);
  }
}

export const ragnarokFraming: Framing = {
  ...plain,
  message: strangersPacket,
  idle: pings,
  slow: () => pings.subarray(0, slowBytesMax),
  lying: (claimed, content) => Buffer.concat([packetHeader(claimed), content]),
};
