export type { PlayedGameOptions } from "./game/played-game.ts";
export * from "./map-server.ts";
export * from "./settings.ts";
export type { NotMade, Parsed, WorldStateDefinition } from "./world-state.ts";
export type { WorldStateDefinitions } from "./world-states.ts";
