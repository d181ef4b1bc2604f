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
    to: optional(
      choiceField("who sees it; default world, or map if a map is named", ["map", "world", "all"]),
    ),
    map: optional(textField("name of the map whose players see it", 24)),
  },
  args: ["text"],
  async answer({ world }, { text, to: wished, map }) {
    const to = wished ?? (map === null ? "world" : "map");
    if (to === "map" && map === null)
      return refusedWith("invalid", "map: missing; it names the map whose players see the text");
    if (to !== "map" && map !== null)
      return refusedWith("invalid", `map: a text to ${to} goes to all maps, so it names none`);
    if (world === null) return noWorld();
    const announced = await world.playerOrders.announce({ text, from: null }, orders[to], map ?? "");
    return announced.ok ? accepted({ announced: text }) : announced;
  },
  text: ({ announced }) => `Players are shown: ${announced}\n`,
});
