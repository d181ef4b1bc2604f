export { type Clock, delay, systemClock } from "@sallyport/clock";
export type {
  Accepted,
  AccountId,
  CharId,
  DialogueAnswer,
  IdentityToken,
  KickReason,
  LoginTicket,
  MapEntered,
  Outcome,
  Position,
  Purchase,
  Refused,
  SaltOffer,
  Sex,
} from "@sallyport/domain";
export { type ByteChannel } from "@sallyport/link";
export { bans, describeExplained, type Explained, explainedBy } from "./bans.ts";
export * from "./client.ts";
export {
  type Bounds,
  type Connect,
  type ConnectionEnd,
  type ConnectionOptions,
  type DoorAddress,
  DoorConnection,
  type DoorName,
  defaultBounds,
} from "./connection.ts";
export * from "./credential.ts";
export * from "./credentials.ts";
export * from "./doors.ts";
export * from "./game.ts";
export type { CommandAnswer } from "./game-commands.ts";
export type { GameMessage, GameTypes, ShownOf, UnknownGame } from "./game-shape.ts";
export type {
  ChooseRefusal,
  EnteredMap,
  EnterMap,
  EnterMapRefusal,
  EnterWorldRefusal,
  HandedOver,
  Hopped,
  LeaveAnswer,
  LeaveRefusal,
} from "./next-door.ts";
export type { GamemasterOrder } from "./orders.ts";
export * from "./refusals.ts";
export * from "./retrying.ts";
export * from "./told.ts";
export { AddressInvalid, type Transport } from "./transport.ts";
