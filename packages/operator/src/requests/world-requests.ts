import { accepted, orderBounds, refusedWith } from "@sallyport/domain";
import { choiceField, optional, textField } from "./fields.ts";
import { noWorld, request } from "./request.ts";

/* Requests about a whole world. */

const orders = { map: "announce-map", world: "announce-world", all: "announce-all" } as const;

export const announce = request({
  command: "announce",
  method: "POST",
  path: "/announcements",
  role: "gamemaster",
  doc: "show a text to all players of the world of the char-server that is asked, of one map, or of all worlds",
  fields: {
    text: textField("the text", orderBounds.textMax),
    to: optional(choiceField("who sees it; default world", ["map", "world", "all"])),
    map: optional(textField("name of the map, with --to map", 24)),
  },
  args: ["text"],
  async answer({ world }, { text, to, map }) {
    if (world === null) return noWorld();
    if ((to === "map") !== (map !== null))
      return refusedWith("invalid", "map: goes with `to` map, and only with it");
    const announced = await world.playerOrders.announce(
      { text, from: null },
      orders[to ?? "world"],
      map ?? "",
    );
    return announced.ok ? accepted({ announced: text }) : announced;
  },
  text: ({ announced }) => `Players are shown: ${announced}\n`,
});
