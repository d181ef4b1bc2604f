import {
  type AnyRequest,
  expectedOf,
  longRequestBytesMax,
  refusalTable,
  resourceRequests,
  rowsMax,
  usualRequestBytesMax,
} from "../packages/resource-server/src/index.ts";

/** The parts of the page about requests to a resource-server. */
export const resourceParts = (): readonly string[] => [
  `The requests of clients to a [resource-server](../operations.md#leaderboards-the-resource-server), over TCP and over
HTTP. Numbers and names of fields are those of [seed 002](../seeds.md#002-the-resource-server).`,
  `## Over TCP

Both ends send frames: a length of 4 bytes, the highest first, and as many bytes of JSON in UTF-8. The connection stays
open. Requests of one connection are answered one after the other, in their order.

| field of a request | |
| --- | --- |
| \`type\` | number of the request |
| \`identity\` | name of the account, whatever its case. It has to be the one in the token. An account without a name has \`#\` and its id. An e-mail address is accepted in place of both, and not compared, because no token tells it |
| \`token\` | [identity token](../operations.md#identity-tokens) |
| others | as the request says. Fields that it does not have are ignored |

- A request is at most ${inWords(usualRequestBytesMax)} long; one with a proof ${inWords(longRequestBytesMax)}. A long request is refused while
  too many others are arriving or without their answers. A client that has not got an answer of success on its
  connection counts as a stranger, and strangers get half of the places: send another request first.
- A request of more than 4,000 commas and opening brackets, which count in texts too, is refused before it is parsed.
- A request that is too long or no JSON object is answered once, and then the connection is closed. After an unknown
  number, the next request is read.
- The first request of a connection has to be complete within \`RESOURCE_FIRST_COMMAND_MS\`, usually 15 seconds.
- A client may send at most 64 requests before their answers, and about 10 MiB. A client that sends more, or that stops in the
  middle of a request for a minute, is disconnected.`,
  `## Over HTTP

\`Authorization: Bearer <token>\`. Fields in braces are in the path. The other fields of a GET or DELETE are in the query, and
those of a POST or PUT in the body as one JSON object. Answers are the same as over TCP. \`/openapi.json\` describes the
requests for programs, and needs no token. A client that takes no byte of its answer for 30 seconds is disconnected. A
proof that is downloaded counts as a long request until its answer is written.`,
  `## Answers

\`{"success": true, "data": …}\`, or \`{"success": false, "data": "a sentence", "refusal": "a word"}\`. The word is ours; the seed has the other
two fields. A change is on disk before its answer. Times are whole seconds since 1970. A list has at most
${rowsMax.toLocaleString("en")} rows: \`limit\` and \`offset\` lead on.

${table(
  ["refusal", "HTTP", "begins with", "when"],
  Object.entries(refusalTable).map(([refusal, { status, begins, doc }]) => [
    `\`${refusal}\``,
    String(status),
    `\`${begins.trim()}\``,
    doc,
  ]),
)}`,
  `## Levels

Each leaderboard gives everybody a level, and may grant a user a higher one. The highest counts. Each level includes those
before it.

| level | | what it allows |
| --- | --- | --- |
| 0 | none | only what is public: the list of users |
| 1 | read | verified entries, with their comments and proofs |
| 2 | write | to submit entries; to see, comment, prove and withdraw its own ones |
| 3 | moderate | to see, verify, comment and remove all entries; to grant lower levels to users below it |

An account with the role administrator may do everything except add proofs to entries of others.`,
  ...resourceRequests.map(requestPart),
];

function requestPart(row: AnyRequest): string {
  const fields = Object.entries(row.fields).map(([name, schema]) => [
    `\`${name}\``,
    schema.safeParse(undefined).success ? "optional" : "",
    expectedOf(schema),
    schema.description ?? "",
  ]);
  return [
    `## ${row.type} ${row.name}`,
    `\`${row.http.method} ${row.http.path}\`: ${row.doc}. May: ${row.who}.`,
    ...(fields.length === 0 ? [] : [table(["field", "", "has to be", "what"], fields)]),
    `Data: ${dataOf(row.data)}.`,
  ].join("\n\n");
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const inWords = (bytes: number): string => `${bytes / (1 << 20)} MiB`;

/** Describes the data of an answer from its schema. */
function dataOf(schema: AnyRequest["data"]): string {
  const { def } = schema;
  if (def.type === "null") return "`null`";
  if (def.type === "array")
    return `a list of ${dataOf((def as unknown as { element: AnyRequest["data"] }).element)}`;
  if (def.type === "tuple") {
    const { items } = def as unknown as { items: readonly AnyRequest["data"][] };
    return `[${items.map(dataOf).join(", ")}]`;
  }
  if (def.type === "object") {
    const { shape } = def as unknown as { shape: Readonly<Record<string, AnyRequest["data"]>> };
    const fields = Object.entries(shape).map(([name, of]) => `\`${name}\`: ${dataOf(of)}`);
    return `{ ${fields.join("; ")} }`;
  }
  return schema.description ?? def.type;
}
