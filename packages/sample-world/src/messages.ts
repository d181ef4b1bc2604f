import { defineMessages } from "@sallyport/game/messages";
import { z } from "zod";
import { wareName } from "./goods.ts";

export const messages = defineMessages({
  commands: {
    "bag.use": z.object({ item: wareName }),
  },
  events: {
    /** Somebody near used something. */
    "bag.used": z.object({ by: z.string(), item: wareName, text: z.string() }),
    "chest.opened": z.object({ gold: z.number().int() }),
    "sign.read": z.object({ visitors: z.number().int() }),
    /** Another visitor came to the world. */
    "visitor.came": z.object({ visitors: z.number().int() }),
    "zone.entered": z.object({ title: z.string() }),
  },
});
