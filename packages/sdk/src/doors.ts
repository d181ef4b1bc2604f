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

type Reached<Connection> = Promise<Outcome<Connection, "unreachable">>;

const loginDoor = {
  commands: new MessageCodec(loginDoorMessages),
  events: new MessageCodec(loginDoorEvents),
};
const charDoor = { commands: new MessageCodec(charDoorMessages), events: new MessageCodec(charDoorEvents) };
const mapDoor = { commands: new MessageCodec(mapDoorMessages), events: new MessageCodec(mapDoorEvents) };

/** A connection to a login-server. */
export class LoginConnection extends DoorConnection<typeof loginDoorMessages, typeof loginDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, loginDoor, options);
  }

  /** Connects. Always settles. */
  static reach(address: DoorAddress, options: ConnectionOptions): Reached<LoginConnection> {
    return reach("login", address, options, (channel) => new LoginConnection(channel, options));
  }
}

/** A connection to a char-server. */
export class CharConnection extends DoorConnection<typeof charDoorMessages, typeof charDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, charDoor, options);
  }

  /** Connects. Always settles. */
  static reach(address: DoorAddress, options: ConnectionOptions): Reached<CharConnection> {
    return reach("char", address, options, (channel) => new CharConnection(channel, options));
  }
}

/** A connection to a map-server. */
export class MapConnection extends DoorConnection<typeof mapDoorMessages, typeof mapDoorEvents> {
  constructor(channel: ByteChannel, options: ChannelOptions) {
    super(channel, mapDoor, options);
  }

  /** Connects. Always settles. */
  static reach(address: DoorAddress, options: ConnectionOptions): Reached<MapConnection> {
    return reach("map", address, options, (channel) => new MapConnection(channel, options));
  }
}
