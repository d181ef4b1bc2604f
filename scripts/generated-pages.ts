import {
  charToLogin,
  charToMap,
  clusterProtocolVersion,
  handshake,
  loginToChar,
  mapToChar,
} from "../packages/cluster-protocol/src/index.ts";
import {
  charDoorEvents,
  charDoorMessages,
  helloFrame,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  nativeVersions,
  plainIntroduction,
  shortCommandBytesMax,
} from "../packages/dialects/src/native/index.ts";
import { gameBounds } from "../packages/domain/src/index.ts";
import { type Heartbeat, interServerHeartbeat, interServerLimits } from "../packages/link/src/index.ts";
import { messageBytesMax } from "../packages/link/src/websocket/index.ts";
import { lockDiagrams } from "../packages/lock-core/src/index.ts";
import {
  closesWithinMs,
  logKeys,
  type MetricRow,
  metricTable,
  tickMs,
} from "../packages/server-kit/src/index.ts";
import {
  describeMessages,
  detailCharsMax,
  encodeFrame,
  forbiddenKeys,
  frameKinds,
  MessageCodec,
  type MessageTable,
  valueBounds,
} from "../packages/wire/src/index.ts";
import { adminParts } from "./admin-page.ts";
import { ragnarokParts } from "./ragnarok-page.ts";
import { refusalsPart } from "./refusals-page.ts";
import { resourceParts } from "./resource-page.ts";
import { settingNames, settingsParts, settingsSource } from "./settings-page.ts";

/** The code generates these pages. The keys are their paths. */
export const generatedPages: ReadonlyMap<string, string> = new Map([
  ["docs/protocol/native.md", nativePage()],
  [
    "docs/protocol/ragnarok.md",
    page("The Ragnarok protocol", "packages/dialects/src/ragnarok", ...ragnarokParts()),
  ],
  ["docs/protocol/cluster.md", clusterPage()],
  [
    "docs/protocol/admin.md",
    page("Requests to the admin port", "packages/operator/src/requests", ...adminParts()),
  ],
  [
    "docs/protocol/resource.md",
    page("Requests to a resource-server", "packages/resource-server/src/requests", ...resourceParts()),
  ],
  ["docs/lock-states.md", lockStatesPage()],
  ["docs/log-keys.md", logKeysPage()],
  ["docs/metrics.md", metricsPage()],
  ["docs/settings.md", page("Settings", settingsSource, ...settingsParts())],
  ["packages/cli/src/commands/setting-names.ts", settingNames()],
]);

function page(title: string, source: string, ...parts: readonly string[]): string {
  const notice = `<!-- GENERATED from ${source}. Change that, then run: npm run docs -->`;
  return `${[`# ${title}`, notice, ...parts].map((part) => part.trim()).join("\n\n")}\n`;
}

function nativePage(): string {
  return page(
    "The native protocol",
    "packages/dialects/src/native/messages.ts",
    `The messages between game clients and the three servers. Each server is a separate door: a client connects to the
login-server, then to a char-server, then to a map-server, and shows at each what the server before gave it.`,
    framesAndBodies(),
    valuesOfGames(),
    `## Bounds

- A frame from a client is at most ${inWords(shortCommandBytesMax)} long, and ${inWords(nativeClientLimits.sendBytesMax)} at the map door. A frame from a
  server is at most ${inWords(nativeClientLimits.receiveBytesMax)} long. All include the length field.
- A client has at most 32 requests under way at once. The server handles them one after the other, in order.
${heartbeatRules(nativeHeartbeat)}
- Once \`char.choose\` or \`map.leave\` is accepted, or \`map.enter\` is refused, the client closes the connection. If it
  does not, the door closes it within ${(closesWithinMs + tickMs) / 1_000} s.
- A message that breaks these rules, or is not in the tables below, ends the connection.`,
    `## Over TCP and over WebSocket

The same stream of bytes goes over TCP, over TLS, or in the binary messages of a WebSocket. A WebSocket message is at
most ${inWords(messageBytesMax)} long. Its borders have no meaning: a frame may span several messages. A text message ends the
connection. A client on WebSocket goes on to the \`wsUrl\` of the next door, any other client to its host and port.`,
    versions(),
    example(),
    door("Login-server", loginDoorMessages, loginDoorEvents),
    door("Char-server", charDoorMessages, charDoorEvents),
    door("Map-server", mapDoorMessages, mapDoorEvents),
    refusalsPart(),
  );
}

function door(server: string, commands: MessageTable, events: MessageTable): string {
  return [
    `## Client to ${server.toLowerCase()}`,
    describeMessages(commands).trim(),
    `## ${server} to client`,
    describeMessages(events).trim(),
  ].join("\n\n");
}

function clusterPage(): string {
  return page(
    "The inter-server protocol",
    "packages/cluster-protocol/src/messages.ts",
    `The messages between servers, version ${clusterProtocolVersion}. A char-server connects to its login-server, a
map-server to its char-server. Either end may then send requests to the other.`,
    framesAndBodies(),
    `## Bounds

- A frame is at most ${inWords(interServerLimits.receiveBytesMax)} long, length field included.
- While ${inWords(interServerLimits.requestsPauseAt, "")} requests wait for its answer, an end reads nothing more. More than
  ${inWords(interServerLimits.requestsHeldMax, "")} end the link.
- An end ends the link when ${inWords(interServerLimits.outputBytesMax)} wait for the other end to read them.
${heartbeatRules(interServerHeartbeat)}
- A message that breaks these rules, or is not in the tables below, ends the link.`,
    "## Handshake, on every link",
    describeMessages(handshake),
    "## Char-server to login-server",
    describeMessages(withoutHandshake(charToLogin)),
    "## Login-server to char-server",
    describeMessages(loginToChar),
    "## Map-server to char-server",
    describeMessages(withoutHandshake(mapToChar)),
    "## Char-server to map-server",
    describeMessages(charToMap),
  );
}

function withoutHandshake(table: MessageTable): MessageTable {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !Object.hasOwn(handshake, name)));
}

function lockStatesPage(): string {
  return page(
    "The locks and their owners, state by state",
    "packages/lock-core/src",
    `Each table shows what every command does in every state: the next state, or the refusal. \`free\` and \`absent\` are the
states of a lock that no server has written yet. Such a lock is \`unrestored\` while locks that the store lost are put
back: its owner may still restore it. Behind the locks follow the tables of the servers that own them. Their
commands are events and answers; the refusal \`late\` means that nobody waits for the answer any more.`,
    lockDiagrams(),
  );
}

function logKeysPage(): string {
  const shown: { readonly [kind: string]: string } = {
    texts: "list of texts",
    numbers: "list of numbers",
    address: "`host` and `port`",
    flag: "true",
    error: "object, or text",
    doors: "object",
  };
  const rows = Object.entries(logKeys).map(
    ([key, { kind, doc }]) => `| \`${key}\` | ${shown[kind] ?? kind} | ${doc} |`,
  );
  return page(
    "The keys of log lines",
    "packages/server-kit/src/telemetry/log-keys.ts",
    `A line is one JSON object. No key occurs twice in it, and a key has the same meaning on all servers.
[Operations](operations.md#what-the-log-says) explains the messages.`,
    ["| key | value | what |", "| --- | --- | --- |", ...rows].join("\n"),
  );
}

function metricsPage(): string {
  const rows = Object.values<MetricRow>(metricTable).map(
    ({ kind, name, labels, doc }) => `| \`${name}\` | ${kind} | ${labels.join(", ") || "–"} | ${doc} |`,
  );
  return page(
    "Metrics",
    "packages/server-kit/src/telemetry/metrics.ts",
    `At \`/metrics\` of the [admin port](operations.md#watching), for Prometheus. Each process has its own metrics. No label
names an account, a character or an address, so the number of series does not grow with players.`,
    ["| name | kind | labels | what |", "| --- | --- | --- | --- |", ...rows].join("\n"),
    `The metrics of the process itself have the names that prom-client gives them and standard dashboards expect:
\`process_…\` (processor, memory, open files) and \`nodejs_…\`, among them the lag of the event loop,
\`nodejs_eventloop_lag_p99_seconds\`. The three gauges that prom-client calls \`nodejs_active_…_total\` are left out: they
are sums of the gauges without \`_total\`, and Prometheus takes that ending for a counter.`,
  );
}

function framesAndBodies(): string {
  const kinds = frameKinds.map((kind, byte) => `${byte} ${kind}`).join(", ");
  return `## Frames

Both ends write frames into one ordered stream of bytes. Numbers in a frame's header are big-endian.

| bytes | |
| --- | --- |
| 4 | length of what follows: the 5 bytes below and the body |
| 1 | kind: ${kinds} |
| 4 | correlation id |
| the rest | body |

- **request**: its correlation id is higher than that of the last request of this end on the connection, by 1 to 2³¹ - 1.
  After 2³² - 1 comes 1; 0 is not an id. A request whose id is not higher is a duplicate and is ignored.
- **reply**, **refusal**: has the correlation id of the request that it answers. Exactly one of the two answers a request,
  unless the connection ends first. If an answer comes when the sender of the request no longer waits, it is ignored.
- **notice**: has correlation id 0, and gets no answer.
- **ping**: is answered at once by a **pong** with the same correlation id; neither has a body.

## Bodies

A body is one MessagePack list and nothing after it. It uses only nil, booleans, numbers, strings, binary and arrays;
maps and extension types are nonsense.

| frame | body |
| --- | --- |
| request | \`[message id, time to live in ms, field 0, field 1, …]\` |
| notice | \`[message id, 0, field 0, field 1, …]\` |
| reply | \`[field 0, field 1, …]\`, as the request's row says |
| refusal | \`[refusal, retry-after in ms or nil, detail]\`; the refusal is one that the request's row lists; the detail is text ≤ ${detailCharsMax}, and absent if there is none |

After the time to live of a request, its sender no longer waits for the answer. A receiver that has not begun the request
by then drops it or refuses it as \`unavailable\`. One that has begun it may still carry it out.

| type | in MessagePack |
| --- | --- |
| u8, u16, u32, u53 | a whole number of that many bits, in any number format |
| text ≤ n | string, UTF-8, of at most n UTF-16 code units |
| n bytes, n–m bytes | binary |
| flag | boolean |
| \`a\` or \`b\` | string, one of these |
| list (≤ n) of … | array |
| { name: …, … } | array of the fields in this order |
| … or null | nil, or the type before "or" |

New fields are added only at the end. Fields beyond those in the table come from a newer sender and are ignored.`;
}

function valuesOfGames(): string {
  const { bytesMax, nestingMax, valuesMax } = valueBounds;
  return `## Values of a game

A game has messages of its own. They travel in \`game.command\` and \`game.event\`, as binary. These bytes are one
MessagePack value and nothing after it: nil, a boolean, a finite number, a string, binary, an array, or a map whose keys are
strings. No map has a key twice, or one of ${[...forbiddenKeys].map((key) => `\`${key}\``).join(", ")}. A body is at most
${inWords(bytesMax)} long, nested at most ${nestingMax} deep, and holds at most ${inWords(valuesMax, "")} values, with each key and
entry counted. What a game shows of a character is a map of this kind, up to ${inWords(gameBounds.shownBytesMax)}.`;
}

function versions(): string {
  const { oldest, newest } = nativeVersions as { oldest: number; newest: number };
  const spoken = oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
  return `## Versions

Doors speak ${spoken} of this protocol. A client begins each connection with the notice \`client.hello\`, which has
its version and describes the client. It sends its first request right after that, without waiting: a door that speaks the
version does not answer the notice. A door that does not speak it sends \`client.unsupported\` with the versions that it
speaks, carries out nothing, and closes the connection. A request before \`client.hello\` is refused as
\`out-of-order\`, whatever its layout, and the door closes the connection.

Frames, bodies, \`client.hello\` and \`client.unsupported\` are the same in every version, so that two programs without a
common version can still say so. Nothing in \`client.hello\` is proven. Servers log it, and use it only to decide which
client gives way at a second login.

These changes do not raise the version: a new field at the end of a row, with a fallback; a new request; a new refusal of a
new request; a new event that comes only after a new request. All other changes do, because a client that does not know a
new event or refusal takes it for nonsense. Rows of events with a later version say so, and only clients that speak it get
them. Instead of a refusal of a later version, an older client gets one that it knows. To raise the version:

1. Raise \`nativeVersions.newest\` in \`packages/dialects/src/native/hello.ts\`.
2. Give new events the version as \`since\`, and list new refusals of older requests in \`newerRefusals\`. If layouts
   differ, keep the old rows beside the new ones. The stream of a door learns the version from \`client.hello\`, before
   anything else, and reads and writes with the rows of that version.
3. Update servers and gateways first, then clients: an older door cannot speak a newer version.
4. When the log no longer shows clients of an old version (\`protocolVersion\`), raise \`nativeVersions.oldest\` and remove
   its rows.`;
}

function heartbeatRules({ pingMs, suspectMs, downMs }: Heartbeat): string {
  return `- An end that has sent nothing for ${pingMs / 1_000} s sends a ping. An end that has not been heard for
  ${suspectMs / 1_000} s is suspect, and after ${downMs / 1_000} s it counts as gone.`;
}

function inWords(count: number, unit = " bytes"): string {
  return `${count.toLocaleString("en")}${unit}`;
}

function example(): string {
  const body = new MessageCodec(loginDoorMessages).encode(
    { type: "login.password", name: "Ada", password: "hunter2" },
    5_000,
  );
  const hex = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const lines = (frame: Uint8Array, kind: string): string =>
    [
      `${hex(frame.subarray(0, 4))}   length`,
      `${hex(frame.subarray(4, 5))}            ${kind}`,
      `${hex(frame.subarray(5, 9))}   correlation id`,
      hex(frame.subarray(9)),
    ].join("\n");
  const hello = helloFrame({ ...plainIntroduction, program: "app", programVersion: "2.0" });
  return `## An example

A connection begins with \`client.hello\`, here from the program \`app\`, version \`2.0\`:

\`\`\`
${lines(hello, "notice")}
\`\`\`

The first request follows right after it: \`login.password\` with the name \`Ada\`, the password \`hunter2\`, and a time to
live of five seconds:

\`\`\`
${lines(encodeFrame("request", 1, body), "request")}
\`\`\``;
}
