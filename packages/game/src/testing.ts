export { loadMaps } from "@sallyport/map-files";
export type { SeenActor, SeenDialogue } from "./testing/seen.ts";
export type { Fault } from "./testing/stage.ts";
export type { EventIn, Target, TestPlayer, Ware } from "./testing/test-player.ts";
export {
  type EnterOptions,
  type TestActor,
  type TestObject,
  type TestWorld,
  type TestWorldOptions,
  testWorld,
} from "./testing/test-world.ts";
