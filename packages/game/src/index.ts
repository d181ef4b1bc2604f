export {
  type ActorIt,
  type Bought,
  defineGame,
  type Game,
  type GameDefinition,
  type MapInfo,
  type MapIt,
  type Mind,
  type Page,
  type PlayerIt,
  type Refusing,
  type Shape,
  type ShapeOf,
} from "@sallyport/game-core";
export * from "./messages.ts";
