export * from "./area.ts";
export * from "./grid-map.ts";
export { middleOf } from "./ground.ts";
export * from "./map-world.ts";
export * from "./path.ts";
export * from "./reports.ts";
export * from "./world-event.ts";
