/**
 * The keys of log lines, as one table. A line can contain only these keys. The reference page is generated
 * from this table. A value has the same key on all servers, and no line contains a key twice.
 */

interface Address {
  readonly host: string;
  readonly port: number;
}

interface ValueOf {
  text: string | null;
  number: number | null;
  flag: boolean;
  texts: readonly string[];
  numbers: readonly number[];
  address: Address;
  doors: { readonly [door: string]: object };
  error: unknown;
}

type Kind = keyof ValueOf;

interface LogKeyRow {
  readonly kind: Kind;
  readonly doc: string;
}

const text = (doc: string) => ({ kind: "text", doc }) as const;
const number = (doc: string) => ({ kind: "number", doc }) as const;
const address = (doc: string) => ({ kind: "address", doc }) as const;

/** The log itself adds these keys to every line. */
const ofEveryLine = {
  level: number("20 debug, 30 info, 40 warn, 50 error, 60 fatal"),
  time: number("milliseconds since 1970"),
  server: text("what wrote the line: up, login, char, map, gateway, front or resource"),
  msg: text("what happened, in words that stay the same"),
} as const;

const given = {
  worker: number("number of the worker process, if a login-server has several"),
  times: number("the line stands for this many lines of the last second"),
  err: { kind: "error", doc: "type, message and stack; code and cause if it has them" },

  trace: text("id of a login, the same on all servers"),
  remote: text("address and port of the other end of a connection"),
  network: text("an address or a network; all IPv6 addresses of one /64 are one"),
  failures: number("wrong passwords from one address"),
  accountId: number("id of an account"),
  charId: number("id of a character"),
  map: text("map of a character, or the map that it goes to"),
  world: text("name of a world"),
  way: text("how a client was checked: by password or proof; ids: it showed its login ids for a token"),
  audience: text("kind of server that an identity token is for"),
  keyNumber: number("number of a key of identity tokens"),
  why: text("the cause: a refusal, or a sentence"),
  reason: text(
    "the reason that a client was given when it was disconnected; null: the client asked to leave",
  ),
  board: text("name of a board of the resource-servers"),
  ban: number("id of a ban of a network or a device"),
  order: text("what a gamemaster ordered"),
  player: text("name of the character that the order is about"),
  to: text("where a player goes: char-select or offline"),
  dialect: text(
    "protocol of a client. The client states this and the next four keys itself; none of them is proven",
  ),
  protocolVersion: number("version of the client protocol"),
  program: text("name of the client's program"),
  programVersion: text("version of that program"),
  deviceId: text("id of the machine, always the same; null: the client did not send one"),
  note: text("a packet that a dialect ignored"),

  door: text(
    "the door: login, char or map; front: a client of another protocol; resource: a client of the resource-server",
  ),
  origin: text("origin of the page from which a browser connects, as the browser says"),
  command: text("the request of a client"),
  answer: text("ok, or the refusal"),
  ms: number("how long the answer took, in milliseconds"),
  by: text("cause of the end of a connection: one of the values of `why` in sallyport_clients_ended_total"),

  peerKind: text("kind of the server at the other end of a link: login-server, char-server or map-server"),
  peer: text("name of that server"),

  key: text("key of a lock"),
  was: text("state of that lock before"),
  accounts: number("number of account locks"),
  characters: number("number of character locks"),
  lost: number("number of the locks in `accounts` or `characters` that another owner had by then"),
  players: number("number of players"),
  connections: number("number of connections"),
  entries: number("number of entries of the trail"),
  maps: { kind: "texts", doc: "names of maps" },
  accountIds: { kind: "numbers", doc: "ids of accounts that are in" },
  unsaved: { kind: "numbers", doc: "ids of characters whose last save is not stored" },

  game: text("name of the game that runs; null: none"),
  handler: text("path of a handler in the definition of the game"),
  overruns: number("how often that handler took longer than its budget"),
  longestMs: number("the longest of its calls, in milliseconds"),
  budgetMs: number("value of `GAME_BUDGET_MS`"),

  worldKey: text("key of a world state"),
  change: text("name of a change of a world state"),

  withinMs: number("longest time that the operation is allowed to take, in milliseconds"),
  graceMs: number("how long logins are refused, in milliseconds"),
  pauseMs: number("wait before the next try, in milliseconds"),

  clients: address("where clients connect"),
  ragnarok: address("where Ragnarok clients connect"),
  aSeries: address("where A-series clients connect"),
  token: address("where clients get identity tokens"),
  tokenHttp: address("where servers get the keys of identity tokens"),
  webSocket: address("where clients connect over WebSocket"),
  http: address("where clients of the resource-server send requests over HTTP"),
  tls: { kind: "flag", doc: "these doors speak TLS" },
  doors: {
    kind: "doors",
    doc: "of a gateway: clients, ragnarok, webSocket and tls of each door; of a front: clients of each protocol",
  },
  charServers: address("where char-servers connect"),
  mapServers: address("where map-servers connect"),
  admin: address("the admin port"),

  file: text("path of a file"),
  problems: { kind: "texts", doc: "what is wrong with files, each with the variable that names it" },
  subject: text("subject of a certificate"),
  validTo: text("expiry date of that certificate"),
  policy: text("`maxmemory-policy` of Redis"),
  variable: text("name of an environment variable"),
  nearest: text("the setting with the most similar name"),
  packetVer: number("value of `RAGNAROK_PACKETVER`"),
  layouts: number("packet version whose layouts these clients get"),
  tested: { kind: "numbers", doc: "packet versions that are tested" },
  logLevel: text("the new level"),
  pid: number("process id"),
  code: number("exit code of a process; null: a signal ended it"),
  signal: text("signal that ended a process; null: none"),
} as const satisfies { readonly [key: string]: LogKeyRow };

export const logKeys: { readonly [key: string]: LogKeyRow } = { ...ofEveryLine, ...given };

export type LogFields = {
  readonly [K in keyof typeof given]?: ValueOf[(typeof given)[K]["kind"]] | undefined;
};

/** Returns one sentence for each way in which a written line breaks this table. */
export function problemsOfLine(line: string): string[] {
  const fields = JSON.parse(line) as { readonly [key: string]: unknown };
  const problems = Object.entries(fields).flatMap(([key, value]) => {
    if (!Object.hasOwn(logKeys, key)) return [`${key} is not a key of log lines`];
    const { kind } = logKeys[key] as LogKeyRow;
    return isOfKind[kind](value) ? [] : [`${key} is no ${kind}: ${JSON.stringify(value)}`];
  });
  // JSON.parse keeps only the last value of a repeated key. The two texts then differ.
  if (JSON.stringify(fields) !== line.trimEnd()) problems.push("a key stands twice in it");
  return problems;
}

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === "string";
const isNumberOrNull = (value: unknown): boolean => value === null || typeof value === "number";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isAddress = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).sort().join(" ") === "host port";

const isOfKind: { readonly [K in Kind]: (value: unknown) => boolean } = {
  text: isTextOrNull,
  number: isNumberOrNull,
  flag: (value) => typeof value === "boolean",
  texts: (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
  numbers: (value) => Array.isArray(value) && value.every((each) => typeof each === "number"),
  address: isAddress,
  doors: (value) => isObject(value) && Object.values(value).every(isObject),
  error: (value) => isObject(value) || typeof value === "string",
};
