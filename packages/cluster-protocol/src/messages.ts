import {
  type AccountId,
  type CharId,
  type Fence,
  type Incarnation,
  kickReasons,
  type LoginId,
  sexes,
} from "@sallyport/domain";
import {
  as,
  bytes,
  defineMessages,
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

/** Raised when a message changes its meaning; adding fields at the end or messages does not need it. */
export const clusterProtocolVersion = 1;

const accountId = as<AccountId>(u32("the account"));
const charId = as<CharId>(u32("the character"));
const loginId1 = as<LoginId>(u32("first half of the login ids"));
const loginId2 = as<LoginId>(u32("second half"));
const sex = oneOf(sexes);
/** Minted at the login door, by a server; no client ever sends it. */
const trace = withFallback(text(16, "marks the log lines about this login, on every server"), "");
const accountFence = as<Fence>(u53("of the account lock"));
const charFence = as<Fence>(u53("of the character, as raised when this owner got it"));
const kickReason = oneOf(kickReasons, "what the client is told");
const position = record({ map: text(24), x: u16(), y: u16() });
/** A server of an older release knows of no WebSocket. */
const wsUrl = withFallback(nullable(text(255, "where clients over WebSocket connect; null: nowhere")), null);
/** Of a character's attributes as JSON. Four times this many bytes still fit a frame. */
export const attributesCharsMax = 256 * 1024;
const attributes = text(attributesCharsMax, "game data, as JSON");
const state = { position, attributes };

/** What the connecting server says first, on either kind of link. */
export const handshake = {
  "link.hello": {
    id: 0x0001,
    doc: "Opens a link. Nothing else is understood before it is answered.",
    fields: {
      version: u16("protocol version of the sender"),
      server: text(32, "name of the connecting server"),
      username: text(64),
      nonce: bytes(32, 32, "for the other end to prove itself over"),
    },
    reply: { nonce: bytes(32, 32, "to prove the password over") },
    refusals: ["version-unsupported"],
  },
  "link.prove": {
    id: 0x0002,
    doc: "Proves the password: HMAC-SHA-256 keyed by it, over a label, both nonces and the name.",
    fields: { proof: bytes(32, 32) },
    reply: {
      incarnation: as<Incarnation>(text(32, "names this connection's hold on locks")),
      cookie: bytes(32, 32, "proves, after a lost link, that it is the same server"),
      proof: bytes(32, 32, "of the answering server, which knows the password too"),
    },
    refusals: ["wrong-username-or-password", "server-lock-exists", "unavailable"],
  },
  "link.leave": {
    id: 0x0003,
    doc: "The server holds nothing any more and goes for good; its server lock is released.",
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
    fields: { world: text(24), host: text(255, "where clients connect"), port: u16(), wsUrl },
    reply: {},
    refusals: ["world-taken"],
  },
  "world.status": { id: 0x0011, doc: "How full the world is.", fields: { players: u32() } },
  "account.hold": {
    id: 0x0012,
    doc: "Asks for the account lock of a client that showed these ids. Asking again while holding it is harmless.",
    fields: { accountId, loginId1, loginId2, sex },
    reply: { accountFence, trace },
    refusals: ["not-logged-in", "held-elsewhere", "unavailable"],
  },
  "account.release": {
    id: 0x0013,
    doc: "Gives the account lock back. Releasing what is not held is harmless.",
    fields: { accountId, loginId1 },
    reply: {},
    refusals: ["unavailable"],
  },
});

/** Login-server to char-server. */
export const loginToChar = defineMessages({
  "account.kick": {
    id: 0x0110,
    doc: "Asks that the account's client be disconnected, saved, and the lock released. Answered when begun.",
    fields: { accountId, loginId1, reason: kickReason },
    reply: {},
    refusals: ["not-held"],
  },
  "account.lost": {
    id: 0x0111,
    doc: "The account lock is not yours any more. Saving now would be refused.",
    fields: { accountId, loginId1 },
  },
});

/** Map-server to char-server. */
export const mapToChar = defineMessages({
  ...handshake,
  "map-server.announce": {
    id: 0x0020,
    doc: "Tells where clients connect and which maps are there; answered with those it is to host.",
    fields: {
      host: text(255),
      port: u16(),
      maps: list(text(24), 4_096),
      playersMax: u32("how many characters it takes"),
      wsUrl,
    },
    reply: { maps: list(text(24), 4_096) },
    refusals: [],
  },
  "map-server.status": { id: 0x0024, doc: "How full the map-server is.", fields: { players: u32() } },
  "character.enter": {
    id: 0x0021,
    doc: "The client showed its ids at the map-server; may it play?",
    fields: { accountId, charId, charFence, loginId1 },
    reply: {},
    refusals: lockRefusals,
  },
  "character.save": {
    id: 0x0022,
    doc: "Stores the state of one character that is in play.",
    fields: { charId, charFence, ...state },
    reply: {},
    refusals: [...lockRefusals, "state-invalid"],
  },
  "character.leave": {
    id: 0x0023,
    doc: "The last save, and the lock given back. Asking again after an unknown outcome is harmless.",
    fields: {
      accountId,
      charId,
      charFence,
      to: oneOf(["char-select", "offline"]),
      saved: nullable(record(state, "null: nothing changed that needs saving")),
    },
    reply: {},
    refusals: [...lockRefusals, "state-invalid"],
  },
});

/** Char-server to map-server. */
export const charToMap = defineMessages({
  "map-server.host": {
    id: 0x0120,
    doc: "The maps to host changed.",
    fields: { maps: list(text(24), 4_096) },
  },
  "character.expect": {
    id: 0x0121,
    doc: "Hands a character over. Accepting means: its lock is the map-server's, and the client is expected.",
    fields: {
      accountId,
      accountFence,
      charId,
      charFence,
      loginId1,
      loginId2,
      sex,
      name: text(24),
      slot: u8(),
      ...state,
      waitMs: u32("how long the client may take"),
      trace,
    },
    reply: {},
    refusals: ["map-not-hosted", "full", "stopping", "stale-fence"],
  },
  "character.forget": {
    id: 0x0122,
    doc: "The lock is not yours any more: drop the character without saving.",
    fields: { accountId, charId, charFence, reason: kickReason },
  },
  "character.kick": {
    id: 0x0123,
    doc: "Asks that the client be disconnected, saved, and the lock released. Answered when begun.",
    fields: { accountId, charId, charFence, reason: kickReason },
    reply: {},
    refusals: ["not-held"],
  },
});
