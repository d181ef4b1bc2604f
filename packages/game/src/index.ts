export {
  type ActorIt,
  type Bought,
  defineGame,
  type Game,
  type GameDefinition,
  type ItemDefinition,
  type MapInfo,
  type MapIt,
  type Mind,
  type MonsterDefinition,
  type NpcDefinition,
  type Page,
  type PlayerIt,
  type Refusing,
  type Shape,
  type ShapeOf,
} from "@sallyport/game-core";
export * from "./messages.ts";
