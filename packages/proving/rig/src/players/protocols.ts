import { aSeriesPlayers } from "./a-series-player.ts";
import { chatPlayers } from "./chat-player.ts";
import { linePlayers } from "./line-player.ts";
import type { PlayerProtocol } from "./player.ts";
import { ragnarokPlayers } from "./ragnarok-player.ts";
import { nativePlayers } from "./sdk-player.ts";
import { slimePlayers } from "./slime-player.ts";

/**
 * Every protocol by which the world can be played. An account that is played by each in turn is in the room of
 * chat clients when Ragnarok clients come, which cannot go there by themselves.
 */
export const playerProtocols: readonly PlayerProtocol[] = [
  nativePlayers,
  linePlayers,
  aSeriesPlayers,
  chatPlayers,
  slimePlayers,
  ragnarokPlayers,
];

/** The protocols of fronts. */
export const frontProtocols = playerProtocols.filter(({ door }) => door === "front");
