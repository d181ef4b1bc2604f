export type { CallWatch } from "./call-watch.ts";
export {
  type LoadedCharacter,
  type Loading,
  loadState,
} from "./character/character-state.ts";
export * from "./definition/actor-definition.ts";
export * from "./definition/define-game.ts";
export * from "./definition/definition.ts";
export type { Game, ShapeOf } from "./definition/game.ts";
export type { MapInfo } from "./definition/map-info.ts";
export * from "./definition/recorder.ts";
export type { Item, NameOf, Shape } from "./definition/shape.ts";
export * from "./map/answers.ts";
export * from "./map/effect.ts";
export { type AnyMapIt, type Entering, MapGame, type MapGameOptions } from "./map/map-game.ts";
export { misfitObjects } from "./map/objects.ts";
export type { At, View } from "./map/view.ts";
export * from "./messages/index.ts";
export { applyChange, loadWorld, type WorldChange } from "./world/world-state.ts";
