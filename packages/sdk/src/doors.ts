import {
  charDoorEvents,
  charDoorMessages,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
} from "@sallyport/dialects/native";
import type { Outcome } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { MessageCodec } from "@sallyport/wire";
import {
  type ChannelOptions,
  type ConnectionOptions,
  type DoorAddress,
  DoorConnection,
  reach,
} from "./connection.ts";

export type DoorName = "login" | "char" | "map";

type Reached<Connection> = Promise<Outcome<Connection, "unreachable">>;

const loginDoor = {
  commands: new MessageCodec(loginDoorMessages),
  events: new MessageCodec(loginDoorEvents),
};
const charDoor = { commands: new MessageCodec(charDoorMessages), events: new MessageCodec(charDoorEvents) };
const mapDoor = { commands: new MessageCodec(mapDoorMessages), events: new MessageCodec(mapDoorEvents) };

export class LoginConnection extends DoorConnection<typeof loginDoorMessages, typeof loginDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, loginDoor, options);
  }

  static reach(address: DoorAddress, options: ConnectionOptions): Reached<LoginConnection> {
    return reach(address, options, (channel) => new LoginConnection(channel, options));
  }
}

export class CharConnection extends DoorConnection<typeof charDoorMessages, typeof charDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, charDoor, options);
  }

  static reach(address: DoorAddress, options: ConnectionOptions): Reached<CharConnection> {
    return reach(address, options, (channel) => new CharConnection(channel, options));
  }
}

export class MapConnection extends DoorConnection<typeof mapDoorMessages, typeof mapDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, mapDoor, options);
  }

  static reach(address: DoorAddress, options: ConnectionOptions): Reached<MapConnection> {
    return reach(address, options, (channel) => new MapConnection(channel, options));
  }
}
