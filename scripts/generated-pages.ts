import { commandSettings } from "../packages/cli/src/command-settings.ts";
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
} from "../packages/dialects/src/native/index.ts";
import { type Heartbeat, interServerHeartbeat, interServerLimits } from "../packages/link/src/index.ts";
import { messageBytesMax } from "../packages/link/src/websocket/index.ts";
import { lockDiagrams } from "../packages/lock-core/src/index.ts";
import {
  byTopic,
  logKeys,
  type MetricRow,
  metricTable,
  type Setting,
  settingTopics,
} from "../packages/server-kit/src/index.ts";
import {
  describeMessages,
  encodeFrame,
  frameKinds,
  MessageCodec,
  type MessageTable,
} from "../packages/wire/src/index.ts";
import { ragnarokParts } from "./ragnarok-page.ts";

/** The pages of docs/ that are written from the code, by their path. */
export const generatedPages: ReadonlyMap<string, string> = new Map([
  ["docs/protocol/native.md", nativePage()],
  [
    "docs/protocol/ragnarok.md",
    page("The Ragnarok protocol", "packages/dialects/src/ragnarok", ...ragnarokParts()),
  ],
  ["docs/protocol/cluster.md", clusterPage()],
  ["docs/lock-states.md", lockStatesPage()],
  ["docs/log-keys.md", logKeysPage()],
  ["docs/metrics.md", metricsPage()],
  ["docs/settings.md", settingsPage()],
]);

function page(title: string, source: string, ...parts: readonly string[]): string {
  const notice = `<!-- GENERATED from ${source}. Change that, then run: npm run docs -->`;
  return `${[`# ${title}`, notice, ...parts].map((part) => part.trim()).join("\n\n")}\n`;
}

function nativePage(): string {
  return page(
    "The native protocol",
    "packages/dialects/src/native/messages.ts",
    `What game clients say to the three servers, and hear from them. Each server is a door of its own: a client connects
to the login-server, then to a char-server, then to a map-server, and shows at each what the one before gave it.`,
    framesAndBodies(),
    `## Bounds

- A frame from a client is at most ${inWords(nativeClientLimits.sendBytesMax)} long, a frame from a server at most
  ${inWords(nativeClientLimits.receiveBytesMax)}, length field included.
- A client has at most 32 requests under way at once. They are handled one after the other, in order.
${heartbeatRules(nativeHeartbeat)}
- Whatever breaks these rules, or is not in the tables below, ends the connection.`,
    `## Over TCP and over WebSocket

The same stream of bytes goes over TCP, over TLS, or in the binary messages of a WebSocket. A message is at most
${inWords(messageBytesMax)} long; where one ends and the next begins means nothing, and a frame may lie across several. A text
message ends the connection. Whoever came over WebSocket goes on to the \`wsUrl\` of the next door, and others to its host
and port.`,
    versions(),
    example(),
    door("Login-server", loginDoorMessages, loginDoorEvents),
    door("Char-server", charDoorMessages, charDoorEvents),
    door("Map-server", mapDoorMessages, mapDoorEvents),
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
    `What servers say to each other, version ${clusterProtocolVersion}. A char-server connects to its login-server, a
map-server to its char-server; either end may then ask the other.`,
    framesAndBodies(),
    `## Bounds

- A frame is at most ${inWords(interServerLimits.receiveBytesMax)} long, length field included.
- While ${inWords(interServerLimits.requestsPauseAt, "")} requests wait for an answer, nothing more is read; more than
  ${inWords(interServerLimits.requestsHeldMax, "")} end the link.
- An end that has ${inWords(interServerLimits.outputBytesMax)} unread by the other ends the link.
${heartbeatRules(interServerHeartbeat)}
- Whatever breaks these rules, or is not in the tables below, ends the link.`,
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
    "The locks, state by state",
    "packages/lock-core/src",
    `Each table says what every command does in every state: the state that follows, or the refusal. \`free\` and
\`absent\` are the states of a lock that nobody has written yet.`,
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
    "packages/server-kit/src/log-keys.ts",
    `A line is one JSON object. No key stands twice in it, and a key means the same on all servers. What the messages mean is
[another page](operations.md#what-the-log-says).`,
    ["| key | value | what |", "| --- | --- | --- |", ...rows].join("\n"),
  );
}

function metricsPage(): string {
  const rows = Object.values<MetricRow>(metricTable).map(
    ({ kind, name, labels, doc }) => `| \`${name}\` | ${kind} | ${labels.join(", ") || "–"} | ${doc} |`,
  );
  return page(
    "Metrics",
    "packages/server-kit/src/metrics.ts",
    `At \`/metrics\` of the [admin port](operations.md#watching), for Prometheus. Each process has its own. No label is about one
account, character or address, so their number does not grow with players.`,
    ["| name | kind | labels | what |", "| --- | --- | --- | --- |", ...rows].join("\n"),
    `Beside these the process's own, under the names that prom-client gives them and stock dashboards know: \`process_…\` (processor, memory,
open files) and \`nodejs_…\`, among them the lag of the event loop, \`nodejs_eventloop_lag_p99_seconds\`. The three gauges that prom-client calls
\`nodejs_active_…_total\` are left out: they are sums of those without \`_total\`, by which Prometheus knows counters.`,
  );
}

function settingsPage(): string {
  const readers = new Map<string, Map<string, Setting<unknown>>>();
  for (const [command, groups] of Object.entries(commandSettings)) {
    for (const setting of groups.flatMap((group) => Object.values<Setting<unknown>>(group))) {
      const commands = readers.get(setting.variable) ?? new Map<string, Setting<unknown>>();
      readers.set(setting.variable, commands.set(command, setting));
    }
  }
  const each = [...readers.values()].flatMap((commands) => [...commands.values()].slice(0, 1));
  const sections = [...byTopic(each)].map(([topic, settings]) => {
    if (topic === null) throw new Error(`no topic: ${settings.map(({ variable }) => variable).join(", ")}`);
    const sorted = [...settings].sort((a, b) => (a.variable < b.variable ? -1 : 1));
    const rows = sorted.map(({ variable, doc, allowed = "" }) => {
      const commands = readers.get(variable) ?? new Map<string, Setting<unknown>>();
      return `| \`${variable}\` | ${[...commands.keys()].join(", ")} | ${fallbacksOf(commands)} | ${allowed} | ${doc} |`;
    });
    return {
      title: settingTopics[topic],
      table: [
        "| variable | read by | default | allowed | what |",
        "| --- | --- | --- | --- | --- |",
        ...rows.sort(),
      ],
    };
  });
  return page(
    "Settings",
    "the tables of settings in packages/cli, packages/server-kit and the servers",
    `Environment variables, and which of the commands \`sallyport up\`, \`login\`, \`char\`, \`map\` and \`gateway\` read them. \`sallyport
<command> --help\` lists those of one command.

- An empty variable counts as not set.
- A command checks all its settings before it starts, and names everything that is wrong with them at once.
- A variable that is nearly named like a setting, or begins with the first word of one, causes a warning.
- Kubernetes sets variables like \`LOGIN_PORT=tcp://10.0.0.1:7100\` for its services. Such a value of a port counts as not set.`,
    sections.map(({ title }) => `- [${title}](#${anchorOf(title)})`).join("\n"),
    ...sections.flatMap(({ title, table }) => [`## ${title}`, table.join("\n")]),
  );
}

/** Where commands differ, the default of most of them comes first. */
function fallbacksOf(commands: ReadonlyMap<string, Setting<unknown>>): string {
  const by = new Map<string, readonly string[]>();
  for (const [command, { fallback, isSecret }] of commands) {
    const shown =
      fallback === null ? "*required*" : isSecret === true || fallback === "" ? "–" : `\`${fallback}\``;
    by.set(shown, [...(by.get(shown) ?? []), command]);
  }
  const [[usual] = ["–"], ...others] = [...by].sort(([, a], [, b]) => b.length - a.length);
  return [usual, ...others.map(([shown, those]) => `${those.join(", ")}: ${shown}`)].join("; ");
}

/** As GitHub makes it from a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
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

- **request**: the correlation id is later than the one before that this end sent on the connection: by 1 to 2³¹ - 1, where 1
  comes after 2³² - 1. One that is not later is a duplicate and is passed over. 0 is not an id.
- **reply**, **refusal**: the correlation id of the request that is answered. Exactly one of the two answers a request,
  unless the connection ends first. An answer may come late, when the asker waits no longer: it is passed over.
- **notice**: is not answered; correlation id 0.
- **ping**: answered at once by a **pong** with the same correlation id; neither has a body.

## Bodies

A body is one MessagePack list and nothing after it. Of MessagePack only nil, booleans, numbers, strings, binary and
arrays are used: maps and extension types are not understood.

| frame | body |
| --- | --- |
| request | \`[message id, time to live in ms, field 0, field 1, …]\` |
| notice | \`[message id, 0, field 0, field 1, …]\` |
| reply | \`[field 0, field 1, …]\`, as the request's row says |
| refusal | \`[refusal, retry-after in ms or nil]\`; the refusal is one that the request's row lists |

After its time to live nobody waits for the answer any more: a request that has not been begun by then is dropped or refused
as \`unavailable\`. One that has been may still happen.

| type | in MessagePack |
| --- | --- |
| u8, u16, u32, u53 | a whole number of so many bits, in whatever number format |
| text ≤ n | string, UTF-8, of at most n UTF-16 code units |
| n bytes, n–m bytes | binary |
| flag | boolean |
| \`a\` or \`b\` | string, one of these |
| list (≤ n) of … | array |
| { name: …, … } | array of the fields in this order |
| … or null | nil, or what stands before |

Fields are added only at the end. Fields beyond those in the table come from a newer sender and are passed over.`;
}

function versions(): string {
  const { oldest, newest } = nativeVersions as { oldest: number; newest: number };
  const spoken = oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
  return `## Versions

Doors speak ${spoken} of this protocol. A client begins each connection with the notice \`client.hello\`, which
says its version and what it is. It sends its first request right behind it and waits for nothing: a door that speaks the
version does not answer. A door that does not sends \`client.unsupported\`, with the versions that it speaks, carries
nothing out, and closes. A request ahead of \`client.hello\` is refused as \`out-of-order\`, whatever its
layout, and the door closes.

Frames, bodies, \`client.hello\` and \`client.unsupported\` are the same in every version, so that two programs that share
none can still say so. Nothing in \`client.hello\` is proven: servers log it and decide nothing by it but who gives way at a
second login.

These changes do not raise the version: a new field at the end of a row, with a fallback; a new request; a new refusal of a
new request. All others do: a new event or a new refusal would be nonsense to a client that does not know it. To raise it:

1. Raise \`nativeVersions.newest\` in \`packages/dialects/src/native/hello.ts\`.
2. Where the layouts differ, keep the old rows beside the new ones. The stream of a door learns the version from
   \`client.hello\`, before anything else, and reads and writes by the rows of that version.
3. Update servers and gateways first, then clients: an older door cannot speak a newer version.
4. When the log shows no client of an old version any more (\`protocolVersion\`), raise \`nativeVersions.oldest\` and remove
   its rows.`;
}

function heartbeatRules({ pingMs, suspectMs, downMs }: Heartbeat): string {
  return `- An end that said nothing for ${pingMs / 1_000} s sends a ping. One that is not heard for ${suspectMs / 1_000} s is
  suspect, and after ${downMs / 1_000} s it counts as gone.`;
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

A connection begins with \`client.hello\`, here of the program \`app\`, version \`2.0\`:

\`\`\`
${lines(hello, "notice")}
\`\`\`

Right behind it comes the first request, \`login.password\` with the name \`Ada\`, the password \`hunter2\` and five seconds
to live:

\`\`\`
${lines(encodeFrame("request", 1, body), "request")}
\`\`\``;
}
