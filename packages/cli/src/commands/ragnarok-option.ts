import { withRagnarok } from "../tiers/ragnarok-doors.ts";
import type { PresetOption } from "./server-command.ts";

export const ragnarokOption: PresetOption = {
  flags: "--ragnarok",
  description:
    "open the ports for Ragnarok clients, on their usual numbers, and load maps that these clients have",
  chosen: withRagnarok,
};
