import { defineMessages } from "@sallyport/game/messages";
import { z } from "zod";

export const messages = defineMessages({
  commands: { "chest.open": z.object({ chest: z.number().int() }) },
  events: { "chest.opened": z.object({ gold: z.number().int() }) },
});
