import {
  attributesCharsMax,
  characterNameUnitsMax,
  type Fence,
  type Incarnation,
  type LoginId,
  plainLooks,
  sexes,
  worldKeyUnitsMax,
  worldValueUnitsMax,
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
  u53,
  withFallback,
} from "@sallyport/wire";
import { accountId, charFence, charId, position } from "./fields.ts";
import { gamemasterMessages } from "./gamemaster-messages.ts";
import { orderNotices, standing } from "./order-notices.ts";
import { presence } from "./presence.ts";
import { scoreMessages } from "./score-messages.ts";
import { kickReason, told } from "./told.ts";

/**
 * This number is raised when a message changes its meaning. It is not raised for new messages, or for new
 * fields at the end of a message.
 */
export const clusterProtocolVersion = 2;

const loginId1 = as<LoginId>(u32("first half of the login ids"));
const loginId2 = as<LoginId>(u32("second half"));
const sex = oneOf(sexes);
/** The login-server creates the trace at login. No client ever sends it. */
const trace = withFallback(text(16, "marks the log lines about this login, on every server"), "");
const accountFence = as<Fence>(u53("of the account lock"));
/** Servers of older versions know no WebSocket, and do not send this field. */
const wsUrl = withFallback(nullable(text(255, "where clients over WebSocket connect; null: nowhere")), null);
const otherDoors = withFallback(
  list(
    record({ dialect: text(32), host: text(255), port: u16() }),
    16,
    "where clients of other dialects connect",
  ),
  [],
);
const near = withFallback(
  list(
    record({ network: text(64), host: text(255), port: u16(), wsUrl: nullable(text(255)), otherDoors }),
    48,
    "where clients of one network connect; the smallest network that contains a client decides",
  ),
  [],
);
// Four times as many bytes as UTF-16 units still fit in a frame.
const attributes = text(attributesCharsMax, "game data, as JSON");
const state = { position, attributes };
const saved = {
  ...state,
  saveNumber: u53("counts the saves under this fence, from 1; an older save never replaces a newer one"),
};
/** The maximum number of locks that one message reclaims. */
export const reclaimMax = 500;
/**
 * The maximum number of world states that one message reads. The longest answer still fits in a frame.
 */
export const worldReadMax = 8;
const worldKey = text(worldKeyUnitsMax, "key of a world state");
const worldVersion = u53("rises with each change of the key; no version of a key occurs twice");
const worldValue = text(worldValueUnitsMax, "JSON");
const heldAccount = record({ accountId, loginId1, loginId2, sex, accountFence, trace });
const heldCharacter = record({
  accountId,
  loginId1,
  loginId2,
  sex,
  accountFence,
  trace,
  charId,
  charFence,
  isPlaying: flag("true: its client has entered the map"),
});

/** The connecting server sends these messages first, on both kinds of link. */
export const handshake = {
  "link.hello": {
    id: 0x0001,
    doc: "Opens a link. No other message is allowed before its answer.",
    fields: {
      version: u16("protocol version of the sender"),
      server: text(32, "name of the connecting server"),
      username: text(64),
      nonce: bytes(32, 32, "random; the proofs of both ends cover it"),
    },
    reply: { nonce: bytes(32, 32, "random; the proofs of both ends cover it") },
    refusals: ["version-unsupported"],
  },
  "link.prove": {
    id: 0x0002,
    doc: "Proves the password with an HMAC-SHA-256. Its key is the password. It covers a label, both nonces and the name of the connecting server.",
    fields: {
      proof: bytes(32, 32),
      cookie: nullable(
        bytes(32, 32),
        "of the last incarnation, to come back with its locks; null: to begin anew",
      ),
    },
    reply: {
      incarnation: as<Incarnation>(
        text(32, "identifies this admission; locks name it as part of their owner"),
      ),
      cookie: bytes(
        32,
        32,
        "proves after a lost link that the same server comes back; new at each admission",
      ),
      proof: bytes(32, 32, "of the answering server, which knows the password too"),
      reconnectMs: u32("after this time without an answer, the server may no longer rely on its locks"),
    },
    refusals: ["wrong-username-or-password", "server-lock-exists", "cookie-unknown", "unavailable"],
  },
  "link.alive": {
    id: 0x0004,
    doc: "Sent periodically. An answer means that, when the request was sent, the other end had not given the server up.",
    fields: {},
    reply: {},
    refusals: [],
  },
  "link.reclaimed": {
    id: 0x0005,
    doc: "From a server that came back: it has reclaimed all locks that it still uses. Locks that are left under its earlier incarnations are freed.",
    fields: {},
    reply: {},
    refusals: ["unavailable"],
  },
  "link.leave": {
    id: 0x0003,
    doc: "The server holds nothing and leaves for good; its server lock is released.",
    fields: {},
    reply: {},
    refusals: ["unavailable"],
  },
} as const;

const lockRefusals = ["lock-lost", "unavailable"] as const;

/** Char-server to login-server. */
export const charToLogin = defineMessages({
  ...handshake,
  "world.announce": {
    id: 0x0010,
    doc: "Puts the world on the list that clients choose from.",
    fields: {
      world: text(24),
      host: text(255, "where clients connect"),
      port: u16(),
      wsUrl,
      otherDoors,
      near,
    },
    reply: {},
    refusals: ["world-taken"],
  },
  "world.status": { id: 0x0011, doc: "How full the world is.", fields: { players: u32() } },
  "account.hold": {
    id: 0x0012,
    doc: "Asks for the account lock of a client that showed these ids. It is harmless to ask again for a lock that is held.",
    fields: { accountId, loginId1, loginId2, sex },
    reply: { accountFence, trace },
    refusals: ["not-logged-in", "held-elsewhere", "unavailable"],
  },
  "account.release": {
    id: 0x0013,
    doc: "Releases the account lock. It is harmless to release a lock that is not held.",
    fields: { accountId, loginId1 },
    reply: {},
    refusals: ["unavailable"],
  },
  "account.owned": {
    id: 0x0014,
    doc: "From a char-server that came back: asks what its earlier incarnations still hold, a page at a time.",
    fields: { after: nullable(text(64, "`next` of the page before; null: the first one")) },
    reply: {
      accounts: list(heldAccount, reclaimMax),
      next: nullable(text(64, "null: this was the last one")),
    },
    refusals: ["unavailable"],
  },
  "account.reclaim": {
    id: 0x0015,
    doc: "From a char-server that came back: takes these account locks over from its earlier incarnations, and puts back those that the store lost. A char-server that did not go away asks too, to learn which locks it has lost. It is harmless to ask again.",
    fields: { accounts: list(heldAccount, reclaimMax) },
    reply: { lost: list(accountId, reclaimMax, "those that another owner has by now") },
    refusals: ["unavailable"],
  },
  "account.operate": {
    id: 0x0016,
    doc: "Asks for login ids with which the char-server itself holds the account, for a change that an operator makes. The present owner is asked to leave, and the reply comes when it has left or when the evict timer has ended. After `overtaken` a client has logged in meanwhile.",
    fields: { accountId },
    reply: { loginId1, loginId2, sex },
    refusals: ["no-such-account", "overtaken", "already-online", "unavailable"],
  },
  ...gamemasterMessages.charToLogin,
});

/** Login-server to char-server. */
export const loginToChar = defineMessages({
  "account.kick": {
    id: 0x0110,
    doc: "Asks the char-server to disconnect and save the client of the account, and to release the lock. The reply comes when that has begun.",
    fields: { accountId, loginId1, reason: kickReason, told },
    reply: {},
    refusals: ["not-held"],
  },
  "account.lost": {
    id: 0x0111,
    doc: "The char-server has lost the account lock. A save would be refused now.",
    fields: { accountId, loginId1 },
  },
  ...gamemasterMessages.loginToChar,
});

/** Map-server to char-server. */
export const mapToChar = defineMessages({
  ...handshake,
  "map-server.announce": {
    id: 0x0020,
    doc: "Says where clients connect, and which maps the map-server may host. Before the reply, the char-server tells it which of these maps to host.",
    fields: {
      host: text(255),
      port: u16(),
      maps: list(text(24), 4_096),
      playersMax: u32("how many characters it accepts"),
      wsUrl,
      otherDoors,
      isDraining: withFallback(flag("it will leave, and must get no more maps"), false),
      near,
      hearsOrders: withFallback(flag("it understands `account.changed` and `bans.changed`"), false),
    },
    reply: { hopMs: withFallback(u32("how long to wait for the answer to `character.hop`"), 30_000) },
    refusals: [],
  },
  "map-server.status": {
    id: 0x0024,
    doc: "Sent every two seconds: how full the map-server is, and its presence. The char-server writes the presence to the directory, which the map-server does not reach.",
    fields: { players: u32(), presence: withFallback(nullable(presence), null) },
  },
  "character.enter": {
    id: 0x0021,
    doc: "The client showed its ids at the map-server, which now asks whether the client may play.",
    fields: { accountId, charId, charFence, loginId1 },
    reply: {},
    refusals: lockRefusals,
  },
  "character.save": {
    id: 0x0022,
    doc: "Stores the state of one character that is in play.",
    fields: { charId, charFence, ...saved },
    reply: {},
    refusals: [...lockRefusals, "state-invalid"],
  },
  "character.leave": {
    id: 0x0023,
    doc: "Stores the last save and releases the lock. It is harmless to ask again after an unknown outcome. If the save is stored and only the lock is not released yet, the map-server asks again without a save.",
    fields: {
      accountId,
      charId,
      charFence,
      to: oneOf(["char-select", "offline"]),
      saved: nullable(record(saved, "null: nothing changed that needs saving")),
    },
    reply: { isReleased: withFallback(flag("false: saved, and the lock store did not answer"), true) },
    refusals: [...lockRefusals, "state-invalid"],
  },
  "character.hop": {
    id: 0x0025,
    doc: "Stores the last save and passes the character on to the map-server that hosts the map of that save. The reply says where the client has to connect. After `map-unavailable` or `state-invalid` nothing has changed. After any other refusal the map-server has to give the character back.",
    fields: {
      accountId,
      charId,
      charFence,
      loginId1,
      saved: record(saved, "the state in which the character arrives"),
    },
    reply: { host: text(255), port: u16(), wsUrl, otherDoors, near },
    refusals: [...lockRefusals, "state-invalid", "map-unavailable"],
  },
  "character.reclaim": {
    id: 0x0026,
    doc: "From a map-server that came back: takes these characters over from its earlier incarnations, and puts back those whose locks the store lost. It is harmless to ask again.",
    fields: { characters: list(heldCharacter, reclaimMax) },
    reply: { lost: list(accountId, reclaimMax, "accounts whose character another owner has by now") },
    refusals: ["unavailable"],
  },
  "world.read": {
    id: 0x0027,
    doc: "Reads state of the game that belongs to the whole world. Keys that have no value are left out of the reply.",
    fields: { keys: list(worldKey, worldReadMax) },
    reply: {
      states: list(
        record({
          key: worldKey,
          version: worldVersion,
          value: nullable(worldValue, "JSON; null: another program stored a value that no server can use"),
        }),
        worldReadMax,
      ),
    },
    refusals: ["unavailable"],
  },
  "world.change": {
    id: 0x0028,
    doc: "Replaces the value of a world state, if the key still has the version from which the map-server computed the new value. After `conflict` the map-server reads the key and computes again. After an unknown outcome it repeats the same message, which is carried out once.",
    fields: {
      key: worldKey,
      version: u53("the version from which the value was computed; 0: the key had no value"),
      value: worldValue,
      writer: text(32, "drawn by the map-server when its process starts"),
      number: u53("counts the writes of this process to the key, from 1"),
    },
    reply: { version: u53("of the value that was stored by this write") },
    refusals: ["conflict", "unavailable"],
  },
  ...gamemasterMessages.mapToChar,
  ...scoreMessages.mapToChar,
});

/** Char-server to map-server. */
export const charToMap = defineMessages({
  "map-server.host": {
    id: 0x0120,
    doc: "The maps to host, these and no others. Players on other maps have to be passed on, to the same map. During a drain these are the maps that no other map-server may host.",
    fields: { maps: list(text(24), 4_096) },
  },
  "map-server.drain": {
    id: 0x0124,
    doc: "Asks the map-server to pass on its maps and players, and to end. The reply comes when that has begun. It is harmless to ask again.",
    fields: {},
    reply: {},
    refusals: [],
  },
  "character.expect": {
    id: 0x0121,
    doc: "Hands a character over. The reply means that the map-server takes the lock and expects the client.",
    fields: {
      accountId,
      accountFence,
      charId,
      charFence,
      loginId1,
      loginId2,
      sex,
      name: text(characterNameUnitsMax),
      slot: u8(),
      ...state,
      waitMs: u32("how long the client may take"),
      trace,
      looks: withFallback(record({ hairStyle: u16(), hairColour: u16() }), plainLooks),
      ...standing,
    },
    reply: {},
    refusals: ["map-not-hosted", "full", "stopping", "stale-fence", "state-invalid"],
  },
  "character.forget": {
    id: 0x0122,
    doc: "The map-server has lost the lock: it has to drop the character without saving.",
    fields: { accountId, charId, charFence, reason: kickReason, told },
  },
  "character.kick": {
    id: 0x0123,
    doc: "Asks the map-server to disconnect and save the client, and to release the lock. The reply comes when that has begun.",
    fields: { accountId, charId, charFence, reason: kickReason, told },
    reply: {},
    refusals: ["not-held"],
  },
  ...orderNotices,
  "world.changed": {
    id: 0x0125,
    doc: "Another map-server has changed a world state. This is a hint and may get lost: a map-server also reads its keys when its link is up again, and every 30 s.",
    fields: { key: worldKey, version: worldVersion, value: worldValue },
  },
  ...gamemasterMessages.charToMap,
});
