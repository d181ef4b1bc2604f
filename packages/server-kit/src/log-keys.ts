/*
 * The keys of log lines, as one table: what may be logged, and the page for those who read logs by program, come from
 * it. One thing has one key on all servers, and no line has a key twice.
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
  /** By door. */
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

/** In every line, by the log itself. */
const ofEveryLine = {
  level: number("20 debug, 30 info, 40 warn, 50 error, 60 fatal"),
  time: number("milliseconds since 1970"),
  server: text("what wrote the line: up, login, char, map or gateway"),
  msg: text("what happened, in words that stay the same"),
} as const;

const given = {
  worker: number("which of several processes of a login-server"),
  times: number("the line stands for so many of the last second"),
  err: { kind: "error", doc: "type, message, stack, and code and cause where there are any" },

  trace: text("the id of a login, on all servers"),
  remote: text("address and port of the other end of a connection"),
  accountId: number("account"),
  charId: number("character"),
  map: text("map on which a character is, or to which it goes"),
  world: text("name of a world"),
  way: text("how a login was proven: password or proof"),
  why: text("the cause: a refusal, or in words"),
  reason: text("what a client was told as it had to go; null: it asked for it"),
  to: text("where a player goes: char-select or offline"),
  dialect: text("what a client speaks, by its own account; so are the four below"),
  protocolVersion: number("version of the protocol at the door"),
  program: text("name of the client's program"),
  programVersion: text("its version"),
  deviceId: text("the same each time for the same machine; null: it did not tell"),
  note: text("what a dialect passed over"),

  door: text("login, char or map: where clients come in"),
  origin: text("the page from which a browser connects, as it says itself"),
  command: text("what a client asked"),
  answer: text("ok, or the refusal"),
  ms: number("how long the answer took, in milliseconds"),
  by: text("what ended a connection: one of the values of `why` in sallyport_clients_ended_total"),

  peerKind: text("what is at the other end of a link: login-server, char-server or map-server"),
  peer: text("its name"),

  key: text("a lock"),
  was: text("its state before"),
  accounts: number("how many account locks"),
  characters: number("how many character locks"),
  lost: number("how many of them were another's by then"),
  players: number("how many players"),
  connections: number("how many connections"),
  maps: { kind: "texts", doc: "names of maps" },
  unsaved: { kind: "numbers", doc: "characters whose last save is still to come" },

  withinMs: number("bound of what begins, in milliseconds"),
  graceMs: number("how long nobody is let in, in milliseconds"),
  pauseMs: number("how long it waits before it tries again, in milliseconds"),

  clients: address("where clients connect"),
  ragnarok: address("where Ragnarok clients connect"),
  webSocket: address("where clients connect over WebSocket"),
  tls: { kind: "flag", doc: "these doors speak TLS" },
  doors: { kind: "doors", doc: "of a gateway: clients, ragnarok, webSocket and tls of each door" },
  charServers: address("where char-servers connect"),
  mapServers: address("where map-servers connect"),
  admin: address("the admin port"),

  file: text("path of a file"),
  problems: { kind: "texts", doc: "what is wrong with files, each with the variable that names it" },
  subject: text("whom a certificate is for"),
  validTo: text("when it runs out"),
  policy: text("maxmemory-policy of Redis"),
  variable: text("name of an environment variable"),
  nearest: text("the setting with the name nearest to it"),
  packetVer: number("RAGNAROK_PACKETVER as it is set"),
  layouts: number("the packet version whose layouts such clients are served in"),
  tested: { kind: "numbers", doc: "packet versions that are tested" },
  logLevel: text("the level from now on"),
  pid: number("process id"),
  code: number("exit code of a process; null: a signal ended it"),
  signal: text("that signal; null: none did"),
} as const satisfies { readonly [key: string]: LogKeyRow };

export const logKeys: { readonly [key: string]: LogKeyRow } = { ...ofEveryLine, ...given };

/** What a line may say beside its message. */
export type LogFields = {
  readonly [K in keyof typeof given]?: ValueOf[(typeof given)[K]["kind"]] | undefined;
};

/** What is wrong with a written line, in words. */
export function problemsOfLine(line: string): string[] {
  const fields = JSON.parse(line) as { readonly [key: string]: unknown };
  const problems = Object.entries(fields).flatMap(([key, value]) => {
    if (!Object.hasOwn(logKeys, key)) return [`${key} is not a key of log lines`];
    const { kind } = logKeys[key] as LogKeyRow;
    return isOfKind[kind](value) ? [] : [`${key} is no ${kind}: ${JSON.stringify(value)}`];
  });
  // Reading keeps the last of two fields with one key.
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
