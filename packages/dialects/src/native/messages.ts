import {
  actorKinds,
  type CharId,
  characterNameUnitsMax,
  commonRefusals as common,
  dialogueBounds,
  gameBounds,
  orderBounds,
  orderNames,
  shopBounds,
} from "@sallyport/domain";
import {
  as,
  bytes,
  defineMessages,
  flag,
  list,
  nullable,
  oneOf,
  record,
  text,
  u8,
  u16,
  u32,
  withFallback,
} from "@sallyport/wire";
import { hello, unsupported } from "./hello.ts";
import {
  accountId,
  character,
  characterName,
  charId,
  kicked,
  loginId1,
  loginId2,
  position,
  sex,
  wsUrl,
} from "./shared-fields.ts";

/** Messages from the client to the char-server. */
export const charDoorMessages = defineMessages({
  "client.hello": hello,
  "char.enter": {
    id: 0x0201,
    doc: "Shows the login ids. The first request on the connection.",
    fields: { accountId, loginId1, loginId2, sex },
    reply: {
      characters: list(record(character), 255),
      slotCount: u8("how many characters an account may have"),
    },
    refusals: ["not-logged-in", "already-online", ...common],
  },
  "char.create": {
    id: 0x0202,
    doc: "Creates a character. A name has 3 to 20 letters, digits or underscores, and is unique in the world ignoring case. A world may allow blanks or any alphabet, and then up to 23 code points. The reply has the name as it is stored, in NFKC. After `unavailable` the client may send the same request again: it creates one character at most.",
    fields: { slot: u8(), name: text(64) },
    reply: character,
    refusals: ["name-invalid", "name-taken", "slot-invalid", "slot-taken", "map-unavailable", ...common],
  },
  "char.delete": {
    id: 0x0203,
    doc: "Deletes a character for good. If the world has a waiting time, it begins with the first request, and the answer is `not-yet` until it is over. After `unavailable` the client may send the same request again.",
    fields: { charId },
    reply: {},
    refusals: ["no-such-character", ...common, "not-yet"],
  },
  "char.choose": {
    id: 0x0204,
    doc: "Chooses a character. The reply comes when a map-server has accepted the character and expects the client. A second choice on the connection ends connection and login. After a refusal the client may choose again.",
    fields: { charId },
    reply: { charId, map: text(24), host: text(255, "of the map-server"), port: u16(), wsUrl },
    refusals: ["no-such-character", "map-unavailable", ...common, "state-invalid"],
  },
});

/** Messages from the char-server to the client. */
export const charDoorEvents = defineMessages({ "client.kicked": kicked, "client.unsupported": unsupported });

const actorId = as<CharId>(u32("the character of a player; 2³¹ or more: another actor"));
const kind = oneOf(actorKinds, "an item lies on the floor");
const shown = bytes(0, gameBounds.shownBytesMax, "a value of the game: a map, or no bytes");
const gameMessage = {
  name: text(gameBounds.nameMax),
  body: bytes(0, gameBounds.bodyBytesMax, "a value of the game"),
};
const shownActor = {
  ...{ charId: actorId, name: characterName, sex, x: u16(), y: u16() },
  kind: withFallback(kind, "player"),
  shown: withFallback(shown, new Uint8Array()),
  class: withFallback(u16("the number of its picture; 0: the client chooses one by the kind"), 0),
};
const actor = u32("id of an actor that is no player");
const mapEntered = {
  charId,
  name: characterName,
  position,
  width: u16("cells"),
  height: u16("cells"),
  cells: bytes(0, 1 << 20, "row by row, a byte each: 0 floor, 1 wall, 2 warp"),
  stepMs: u16("time of a step to a neighbouring cell"),
  viewCells: u8("how many cells away other actors are visible; a diagonal step counts as one"),
  movement: withFallback(
    nullable(
      record({ unitsPerCell: u16("the side of a cell"), greatestSpeed: u32("units in a second") }),
      "null: the server walks characters from cell to cell. Otherwise clients report where they are, and all positions on this map are in units",
    ),
    null,
  ),
  isRoom: withFallback(flag("all players on the map see and hear each other"), false),
};

/** Messages from the client to the map-server. */
export const mapDoorMessages = defineMessages({
  "client.hello": hello,
  "map.enter": {
    id: 0x0301,
    doc: "Shows the ids, and the character that was chosen. The first request on the connection.",
    fields: { accountId, charId, loginId1, sex },
    reply: mapEntered,
    refusals: ["not-expected", ...common],
  },
  "map.walk": {
    id: 0x0302,
    doc: "Walks to a cell. The server finds the path, from the cell where the character is at that moment. On a map with `movement` there is none: see `map.report`.",
    fields: { x: u16(), y: u16() },
    reply: { steps: u16("length of the path") },
    refusals: ["no-path", ...common],
  },
  "map.report": {
    id: 0x0309,
    doc: "Says where the character is, on a map with `movement`. `x` and `y` are in units, from the west and the north. Others are shown the newest position every 50 ms. After a refusal the character is still where the last accepted report put it. `too-fast`: the way from there is longer than `greatestSpeed` allows in the time since then. `outside`: the map ends before. `not-reported`: the server walks characters on this map.",
    fields: { x: u16(), y: u16() },
    reply: {},
    refusals: ["too-fast", "outside", "too-many", "not-reported", ...common],
  },
  "map.say": {
    id: 0x0303,
    doc: "Speaks to all players who see the character.",
    fields: {
      text: text(
        256,
        "not empty; no control characters, no bidirectional controls, no invisible characters except those that join or shape others",
      ),
    },
    reply: {},
    refusals: ["text-invalid", ...common, "muted"],
  },
  "map.leave": {
    id: 0x0304,
    doc: "Saves the character and leaves. Back at character select the client shows the same login ids again.",
    fields: { to: oneOf(["char-select", "offline"]) },
    reply: {},
    refusals: common,
  },
  "map.save": {
    id: 0x030d,
    doc: "Saves the character now. Without it the server saves a character from time to time, and when it leaves. After the reply, the state that the character had when the request came, or a newer one, is stored. `unavailable`: it is unknown whether it is stored; the server goes on trying. `too-many`: more than one a second, for a state that is not stored yet.",
    fields: {},
    reply: {},
    refusals: ["too-many", ...common],
  },
  "room.enter": {
    id: 0x030b,
    doc: "Goes to an open room, from any map of the world. `map.changed` comes before the reply, or `map.hop` instead of it. A client that is in the room already gets the reply alone. The detail of `no-such-room` names the open rooms of the world, with a comma and a blank between them: all of them, or as many as fit and `…`.",
    fields: {
      map: text(24, "name of the room"),
      at: withFallback(
        nullable(
          record({ x: u16(), y: u16() }),
          "where the character comes in, in units, on a map with `movement`; null, on other maps, and outside the map: at its spawn",
        ),
        null,
      ),
    },
    reply: {},
    refusals: ["no-such-room", ...common],
  },
  "map.click": {
    id: 0x0305,
    doc: "Turns to an actor near the character. What follows is up to the actor: it may begin a dialogue, or offer goods.",
    fields: { actor },
    reply: {},
    refusals: ["no-such-actor", "too-far", ...common, "failed"],
  },
  "map.take": {
    id: 0x0306,
    doc: "Picks up an item near the character.",
    fields: { actor },
    reply: {},
    refusals: ["no-such-actor", "too-far", "no-room", ...common, "failed"],
  },
  "dialogue.answer": {
    id: 0x0307,
    doc: "Continues a dialogue. `close` ends it, also while it waits for a choice. An answer for which the dialogue does not wait changes nothing.",
    fields: {
      actor,
      answer: record({
        type: oneOf(["next", "choice", "close"]),
        index: u8("of the choice, from 0; without a choice it is 0"),
      }),
    },
    reply: {},
    refusals: ["no-dialogue", ...common, "failed"],
  },
  "shop.buy": {
    id: 0x0308,
    doc: "Buys all of these goods or none. `no-shop`: the actor has not offered all of them to this client.",
    fields: { actor, goods: list(record({ item: u16(), amount: u16() }), shopBounds.goodsMax) },
    reply: {},
    refusals: ["no-shop", "too-dear", "no-room", ...common, "failed"],
  },
  "game.command": {
    id: 0x030a,
    doc: "A command of the game that runs in the world. A refused one changes nothing. The detail of `invalid` names the field at fault, and the detail of `refused` is a word of the game. `failed`: the game has a bug.",
    fields: gameMessage,
    reply: {},
    refusals: ["unknown-command", "invalid", "too-many", "refused", "failed", ...common],
  },
  "map.order": {
    id: 0x030c,
    doc: "An order of a gamemaster. Fields that the order does not need are ignored. `kick` saves the player and ends its connection. `mute` lets the account speak again after the minutes. `go-to` and `summon` bring the gamemaster to the player, or the player to the gamemaster. The detail of `invalid` names the field at fault.",
    fields: {
      order: oneOf(orderNames),
      player: text(characterNameUnitsMax, "`kick`, `mute`, `go-to`, `summon`: name of the character"),
      text: text(
        orderBounds.textMax,
        "`kick`: for the player, may be empty. `announce-…`: for all who hear it",
      ),
      minutes: u32(`\`mute\`: at most ${orderBounds.minutesMax}; 0: the account may speak at once`),
    },
    reply: {},
    refusals: ["not-allowed", "no-such-player", "no-such-map", "invalid", "too-many", ...common],
  },
});

/** Messages from the map-server to the client. */
export const mapDoorEvents = defineMessages({
  "client.kicked": kicked,
  "client.unsupported": unsupported,
  "actor.appeared": { id: 0x0381, doc: "An actor came into view.", fields: shownActor },
  "actor.moved": {
    id: 0x0382,
    doc: "An actor in view, or the character itself, stepped to a cell.",
    fields: { charId: actorId, x: u16(), y: u16() },
  },
  "actor.vanished": { id: 0x0383, doc: "An actor went out of view.", fields: { charId: actorId } },
  "actor.said": {
    id: 0x0384,
    doc: "An actor in view, or the character itself, spoke.",
    fields: { charId: actorId, name: characterName, text: text(256) },
  },
  "dialogue.said": {
    id: 0x0387,
    doc: "An actor says something to this client alone. A dialogue begins only after `map.click`.",
    fields: { actor, text: text(dialogueBounds.textMax, "a line feed begins a new line") },
  },
  "dialogue.asked": {
    id: 0x0388,
    doc: "The dialogue waits for a choice.",
    fields: {
      actor,
      choices: list(text(dialogueBounds.choiceMax), dialogueBounds.choicesMax, "at least one"),
    },
  },
  "dialogue.paused": { id: 0x0389, doc: "The dialogue waits for `next`.", fields: { actor } },
  "dialogue.ended": {
    id: 0x038a,
    doc: "The dialogue is over. The client shows what was said until the player closes it.",
    fields: { actor },
  },
  "shop.offered": {
    id: 0x038b,
    doc: "An actor offers goods, only after `map.click`.",
    fields: {
      actor,
      goods: list(
        record({ item: u16(), name: text(shopBounds.nameMax), price: u32("for one piece") }),
        shopBounds.goodsMax,
      ),
    },
  },
  "game.event": {
    id: 0x038c,
    since: 2,
    doc: "An event of the game that runs in the world.",
    fields: gameMessage,
  },
  announced: {
    id: 0x038f,
    since: 3,
    doc: "A gamemaster or an operator announces something.",
    fields: {
      text: text(orderBounds.textMax),
      from: nullable(text(characterNameUnitsMax, "name of the gamemaster; null: it is not signed")),
    },
  },
  "character.changed": {
    id: 0x038d,
    since: 2,
    doc: "What the game shows the client of its own character. After the answer to `map.enter` and after each `map.changed`, the first one is complete. Later ones have only the keys that changed, with nil for a key that is gone.",
    fields: { changes: shown },
  },
  "actor.changed": {
    id: 0x038e,
    since: 2,
    doc: "The game shows something else of an actor in view.",
    fields: { charId: actorId, shown },
  },
  "map.hop": {
    id: 0x0386,
    doc: "Another map-server has the character now. It expects the client with the ids that it showed here; this connection ends.",
    fields: { position, host: text(255, "of the map-server"), port: u16(), wsUrl },
  },
  "map.changed": {
    id: 0x0385,
    doc: "The character was warped to another place. All actors are out of view.",
    fields: mapEntered,
  },
});
