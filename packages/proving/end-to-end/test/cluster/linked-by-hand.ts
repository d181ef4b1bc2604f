import { randomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import { charToLogin, charToMap, introduce, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
  memoryChannelPair,
} from "@sallyport/link";
import { MessageCodec, type MessageTable } from "@sallyport/wire";
import { linkPassword, type TestCluster } from "./test-cluster.ts";

interface Door<Sends extends MessageTable, Receives extends MessageTable> {
  readonly sends: Sends;
  readonly receives: Receives;
  readonly accept: (cluster: TestCluster, channel: ByteChannel) => void;
}

/** The link ports of a cluster, by the server that connects there. */
const doors = {
  "char-server": {
    sends: charToLogin,
    receives: loginToChar,
    accept: ({ login }, channel) => login.acceptCharServer(channel),
  } satisfies Door<typeof charToLogin, typeof loginToChar>,
  "map-server": {
    sends: mapToChar,
    receives: charToMap,
    accept: ({ char }, channel) => char.acceptMapServer(channel),
  } satisfies Door<typeof mapToChar, typeof charToMap>,
};

type Doors = typeof doors;

export interface ByHand<K extends keyof Doors> {
  readonly server: string;
  /** Null: the server is new. */
  readonly cookie: Uint8Array | null;
  readonly handlers?: Partial<Handlers<Doors[K]["receives"]>>;
}

/** Links a server that the test plays. It reclaims, renews and leaves only if the test does. */
export async function linkByHand<K extends keyof Doors>(
  cluster: TestCluster,
  kind: K,
  { server, cookie, handlers = {} }: ByHand<K>,
) {
  const { sends, receives, accept } = doors[kind] as Door<Doors[K]["sends"], Doors[K]["receives"]>;
  const [near, far] = memoryChannelPair([server, "answering"]);
  accept(cluster, far);
  const link = new Link<Doors[K]["sends"], Doors[K]["receives"]>({
    channel: near,
    sends: new MessageCodec(sends),
    receives: new MessageCodec(receives),
    handlers: handlers as Handlers<Doors[K]["receives"]>,
    clock: systemClock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: { closed: () => {} },
  });
  const credentials = { server, username: "alpha", password: linkPassword, cookie };
  const admitted = await introduce(link as never, credentials, (count) => randomBytes(count), 5_000);
  return { link, admitted };
}
