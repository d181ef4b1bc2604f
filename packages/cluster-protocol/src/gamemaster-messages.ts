import { announcements, characterNameUnitsMax, orderBounds } from "@sallyport/domain";
import { nullable, oneOf, text, u32 } from "@sallyport/wire";
import { accountId, charFence, charId, position } from "./fields.ts";

/** The messages about orders of gamemasters and operators. They stand in the tables of `messages.ts`. */

const orderRefusals = ["lock-lost", "unavailable", "not-allowed"] as const;
const playerRefusals = [...orderRefusals, "no-such-player"] as const;
/** The character of the gamemaster. The char-server checks that the sender has it, and what its role may order. */
const gamemaster = { accountId, charId, charFence };
const character = { accountId, charId, charFence };
const player = text(characterNameUnitsMax, "name of the character that the order is about");
const announcement = {
  text: text(orderBounds.textMax),
  from: nullable(text(characterNameUnitsMax, "who announces it; null: it is not signed")),
};

export const gamemasterMessages = {
  charToLogin: {
    "announcement.everywhere": {
      id: 0x0017,
      doc: "Asks for an announcement in all worlds, also in the one of the sender. The reply comes when all login-servers have been told.",
      fields: announcement,
      reply: {},
      refusals: ["unavailable"],
    },
  },
  loginToChar: {
    announcement: {
      id: 0x0118,
      doc: "Shows an announcement to all players of the world.",
      fields: announcement,
    },
  },
  mapToChar: {
    "order.kick": {
      id: 0x0029,
      doc: "A gamemaster on this map-server orders that a player leaves the world.",
      fields: { ...gamemaster, player, text: text(orderBounds.textMax, "for the player; may be empty") },
      reply: {},
      refusals: playerRefusals,
    },
    "order.mute": {
      id: 0x002e,
      doc: "A gamemaster decides for how long the account of a player may not speak. All map-servers learn of it with `account.changed`.",
      fields: { ...gamemaster, player, minutes: u32("0: the account may speak again") },
      reply: {},
      refusals: playerRefusals,
    },
    "order.go-to": {
      id: 0x002a,
      doc: "A gamemaster goes to a player. The map-server brings it there after the reply.",
      fields: { ...gamemaster, player },
      reply: { position },
      refusals: playerRefusals,
    },
    "order.go": {
      id: 0x002b,
      doc: "A gamemaster goes to a place. The map-server brings it there after the reply.",
      fields: { ...gamemaster, position },
      reply: {},
      refusals: [...orderRefusals, "no-such-map"],
    },
    "order.summon": {
      id: 0x002c,
      doc: "A gamemaster brings a player to the place where it is itself.",
      fields: { ...gamemaster, player, position },
      reply: {},
      refusals: playerRefusals,
    },
    "order.announce": {
      id: 0x002d,
      doc: "A gamemaster announces something. All map-servers that are meant are told, also the sender.",
      fields: {
        ...gamemaster,
        ...announcement,
        order: oneOf(announcements),
        map: text(24, "of the gamemaster"),
      },
      reply: {},
      refusals: orderRefusals,
    },
  },
  charToMap: {
    "character.where": {
      id: 0x0128,
      doc: "Asks where a player is.",
      fields: character,
      reply: { position },
      refusals: ["not-held"],
    },
    "character.warp": {
      id: 0x0129,
      doc: "Asks the map-server to bring a player to another place, which may be on a map of another map-server. The reply comes when the player is on its way.",
      fields: { ...character, position },
      reply: {},
      refusals: ["not-held"],
    },
    announcement: {
      id: 0x012a,
      doc: "Shows an announcement to the players of this map-server.",
      fields: { ...announcement, map: nullable(text(24, "only to those on this map; null: to all")) },
    },
  },
} as const;
