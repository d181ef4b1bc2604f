import type { DoorVocabulary } from "@sallyport/domain";
import { Peer } from "@sallyport/link";
import { MessageCodec, type MessageTable, type NoticeRow, type RequestRow } from "@sallyport/wire";
import type { Dialect, DialectStream } from "../src/index.ts";
import {
  charDoorEvents,
  charDoorMessages,
  helloFrame,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
  nativeCharDoor,
  nativeClientLimits,
  nativeHeartbeat,
  nativeLoginDoor,
  nativeMapDoor,
} from "../src/native/index.ts";

export type Commands = { readonly [name: string]: RequestRow };
export type Events = { readonly [name: string]: NoticeRow };

/** One door with its tables. Tests that treat all doors alike use it. */
export interface NativeDoor {
  readonly name: string;
  readonly dialect: Dialect<DoorVocabulary>;
  readonly commands: Commands;
  readonly events: Events;
  readonly commandBytesMax: number;
}

const door = (
  name: string,
  dialect: unknown,
  { "client.hello": _, ...commands }: { readonly "client.hello": NoticeRow } & MessageTable,
  events: Events,
  commandBytesMax = 4_096,
): NativeDoor => ({
  name,
  dialect: dialect as Dialect<DoorVocabulary>,
  commands: commands as Commands,
  events,
  commandBytesMax,
});

export const nativeDoors: readonly NativeDoor[] = [
  door("login", nativeLoginDoor, loginDoorMessages, loginDoorEvents),
  door("char", nativeCharDoor, charDoorMessages, charDoorEvents),
  door("map", nativeMapDoor, mapDoorMessages, mapDoorEvents, nativeClientLimits.sendBytesMax),
];

/** Returns the client's end of a connection to the door. */
export function clientPeer({ commands, events }: NativeDoor): Peer<Commands, Events> {
  const options = { limits: nativeClientLimits, heartbeat: nativeHeartbeat };
  return new Peer(new MessageCodec(commands), new MessageCodec(events), options, 0);
}

/** Returns the door's end of a connection whose client has sent its hello. */
export function introduced({ dialect }: NativeDoor): DialectStream<DoorVocabulary> {
  const stream = dialect.open(0);
  stream.receive(helloFrame(), 0);
  return stream;
}
