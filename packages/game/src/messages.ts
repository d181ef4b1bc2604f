export {
  type Command,
  type CommandInput,
  type CommandName,
  defineMessages,
  type Event,
  type EventInput,
  type EventName,
  GameError,
  type Messages,
  packCommand,
  type Read,
  readEvent,
} from "@sallyport/game-core/messages";
