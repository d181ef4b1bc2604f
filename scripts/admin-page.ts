import { type AnyRequest, adminRequests, nonceHeader } from "../packages/operator/src/index.ts";

/** The parts of the page about requests to the admin port. */
export const adminParts = (): readonly string[] => [
  `The requests of operators to the [admin port](../operations.md#watching) of a server, over plain HTTP. Each is also a
command of \`sallyport\`, with the same fields. \`/healthz\`, \`/readyz\` and \`/metrics\` are not among them: they change nothing,
name nobody, and need no credential.`,
  `## Credential

Each request has an \`authorization\` header: \`Bearer\` with the token of the server (\`ADMIN_TOKEN\`), or \`Basic\` with the name
and password of an account. Each request names the least role that it needs; the token may ask everything. Without a
credential, or with a wrong one, the answer is 401; with too low a role 403.`,
  `## Bodies and answers

- The fields of a GET are in its path and its query. The fields of a POST are in its path, and in its body as one JSON object
  of texts. A body is at most 16 KiB long.
- A POST has the header \`${nonceHeader}\`: the time in milliseconds since 1970, a dot, and 16 random bytes as hexadecimal digits.
  A time that is more than a minute away from that of the server is refused (400 \`nonce-late\`), and so is a nonce that any
  server of the cluster has seen in the last hour (409 \`nonce-used\`). Send a new nonce only after an answer that says what
  happened: after 503 or none, look first.
- Answers are JSON objects. A refused request is answered with \`refusal\`, a word for programs, and \`error\`, a sentence that
  names the field that is wrong, and sometimes with \`retryAfterMs\`. Nothing has changed then.`,
  ...adminRequests.map(requestPart),
];

function requestPart({ command, method, path, role, doc, fields }: AnyRequest): string {
  const rows = Object.entries(fields).map(([name, { doc: what, allowed = "", isOptional, isSecret }]) => {
    const notes = [isOptional ? "optional" : "", isSecret ? "secret" : ""].filter(Boolean).join(", ");
    return `| \`${name}\` | ${notes} | ${allowed} | ${what} |`;
  });
  const table = ["| field | | allowed | what |", "| --- | --- | --- | --- |", ...rows];
  return [
    `## \`${method} ${path}\``,
    `\`sallyport ${command}\`, for the role ${role}: ${doc}.`,
    ...(rows.length === 0 ? [] : [table.join("\n")]),
  ].join("\n\n");
}
