import type { Field, FieldKind } from "./field.ts";
import { isRequestRow, type MessageRow, type MessageTable } from "./message-table.ts";

export function describeKind(kind: FieldKind): string {
  switch (kind.type) {
    case "uint":
      return uintNames.get(kind.max) ?? `uint ≤ ${kind.max}`;
    case "text":
      return `text ≤ ${kind.charsMax}`;
    case "bytes":
      return kind.bytesMin === kind.bytesMax
        ? `${kind.bytesMin} bytes`
        : `${kind.bytesMin}–${kind.bytesMax} bytes`;
    case "flag":
      return "flag";
    case "one-of":
      return kind.values.map((value) => `\`${value}\``).join(" or ");
    case "list":
      return `list (≤ ${kind.countMax}) of ${describeKind(kind.of.kind)}`;
    case "record":
      return `{ ${Object.entries(kind.fields)
        .map(([name, each]) => `${name}: ${describeKind(each.kind)}`)
        .join(", ")} }`;
    case "nullable":
      return `${describeKind(kind.of.kind)} or null`;
  }
}

const uintNames = new Map([
  [0xff, "u8"],
  [0xffff, "u16"],
  [0xffff_ffff, "u32"],
  [Number.MAX_SAFE_INTEGER, "u53"],
]);

function describeMeaning({ doc, ...field }: Field<unknown>): string {
  if (!("fallback" in field)) return doc;
  const { fallback } = field;
  const absent = fallback instanceof Uint8Array ? `${fallback.length} bytes` : JSON.stringify(fallback);
  return `${doc}${doc === "" ? "" : "; "}absent: ${absent}`;
}

function describeFields(title: string, fields: { readonly [name: string]: Field<unknown> }): string[] {
  const rows = Object.entries(fields).map(
    ([name, each], index) => `| ${index} | ${name} | ${describeKind(each.kind)} | ${describeMeaning(each)} |`,
  );
  if (rows.length === 0) return [`${title}: nothing.`, ""];
  return [`${title}:`, "", "| # | field | type | |", "| --- | --- | --- | --- |", ...rows, ""];
}

function describeMessage(name: string, row: MessageRow): string[] {
  const id = `0x${row.id.toString(16).padStart(4, "0")}`;
  const lines = [`### \`${name}\` (${id}, ${isRequestRow(row) ? "request" : "notice"})`, "", row.doc, ""];
  if (!isRequestRow(row) && row.since !== undefined) lines.push(`Since version ${row.since}.`, "");
  lines.push(...describeFields("Fields", row.fields));
  if (isRequestRow(row)) {
    lines.push(...describeFields("Reply", row.reply));
    lines.push(`Refusals: ${row.refusals.map((code) => `\`${code}\``).join(", ") || "none"}.`, "");
  }
  return lines;
}

/** Returns the reference page of one table in Markdown. Headings start at level 3. */
export function describeMessages(table: MessageTable): string {
  return Object.entries(table)
    .sort(([, a], [, b]) => a.id - b.id)
    .flatMap(([name, row]) => describeMessage(name, row))
    .join("\n");
}
