import { withAllDoors } from "../tiers/front-tier.ts";
import { withRagnarok } from "../tiers/ragnarok-doors.ts";
import { withWeb } from "../web/web-settings.ts";
import { ragnarokOption } from "./ragnarok-option.ts";
import type { PresetOption } from "./server-command.ts";

export const upOptions: readonly PresetOption[] = [
  {
    flags: "--game <file>",
    description: "run this game; like the variable GAME",
    chosen: (environment, file) => ({ ...environment, GAME: file }),
  },
  {
    flags: "--web",
    description: "serve the page for browsers, and open the ports for WebSocket, on their usual numbers",
    chosen: withWeb,
  },
  {
    flags: "--all-doors",
    description: "open the ports of all protocols, on their usual numbers, and say how to try each",
    chosen: (environment) => withRagnarok(withAllDoors(withWeb(environment))),
  },
  ragnarokOption,
];
