import { type Field, type Fields, sizeOfFields } from "./field.ts";
import {
  headerBytes,
  isSpokenIn,
  opcodeBytes,
  type PacketTable,
  type PacketVersion,
} from "./packet-table.ts";

/** Describes a table in Markdown for the given PACKETVERs. Headings begin at level 3. */
export function describePackets(table: PacketTable, packetVers: readonly number[]): string {
  const parts = Object.entries(table).map(([type, { doc, versions }]) => {
    const each = versions.flatMap((version) => describeVersion(type, version, packetVers));
    return [`### \`${type}\``, "", doc, "", ...each].join("\n");
  });
  return parts.join("\n\n");
}

function describeVersion(type: string, version: PacketVersion, packetVers: readonly number[]): string[] {
  const spoken = packetVers.filter((each) => isSpokenIn(version, each));
  if (spoken.length === 0) return [];
  const name = version.name === undefined || version.name === type ? "" : ` \`${version.name}\``;
  const who = spoken.length === packetVers.length ? "all" : spoken.join(", ");
  const fixed = headerBytes(version) + sizeOfFields(version.fields);
  const length = version.length === "variable" ? `variable, ${fixed} and more` : `${fixed} bytes`;
  const rows = [...headerRows(version), ...fieldRows(version.fields, headerBytes(version))];
  return [
    `${opcodeOf(version)}${name}: ${length}, PACKETVER ${who}`,
    "",
    "| at | field | type | |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ];
}

const opcodeOf = ({ opcode }: PacketVersion): string =>
  opcode === null ? "no opcode" : `**${opcode.toString(16).padStart(4, "0")}**`;

function headerRows(version: PacketVersion): string[] {
  if (version.opcode === null) return [];
  const rows = ["| 0 | opcode | u16 | |"];
  if (version.length === "variable") rows.push(`| ${opcodeBytes} | length | u16 | of the whole packet |`);
  return rows;
}

function fieldRows(fields: Fields, from: number): string[] {
  let at = from;
  return Object.entries(fields).flatMap(([name, each]) => {
    const row =
      each.kind.type === "unused"
        ? `| ${at} | – | ${each.size} bytes | |`
        : `| ${at} | ${name} | ${typeOf(each)} | ${docOf(each)} |`;
    at += each.size === "rest" ? 0 : each.size;
    const inner = each.kind.type === "blocks" ? fieldRows(each.kind.fields, 0) : [];
    return [row, ...inner.map((line) => line.replace("| ", "| + "))];
  });
}

function typeOf({ kind, size }: Field<unknown>): string {
  switch (kind.type) {
    case "uint":
      return `u${8 * (size as number)}`;
    case "text":
      return size === "rest" ? "text to the end" : `c${size}`;
    case "line":
      return "text to the end";
    case "bytes":
      return "bytes to the end";
    case "blocks":
      return `blocks of ${sizeOfFields(kind.fields)} bytes, to the end`;
    case "sex":
    case "ipv4":
    case "pos3":
    case "move6":
    case "unused":
      return kind.type;
  }
}

function docOf({ doc, fallback }: Field<unknown>): string {
  const always = typeof fallback === "number" && fallback !== 0 ? [`always ${fallback}`] : [];
  return [...(doc === "" ? [] : [doc]), ...always].join("; ");
}

/** Lists the packets that no handler reads, with opcode and length. */
export function describePassedOver(table: PacketTable, packetVer: number): string {
  const known = Object.entries(table).flatMap(([type, { versions }]) =>
    versions
      .filter((version) => isSpokenIn(version, packetVer))
      .map((version) => ({ type, opcode: version.opcode ?? 0, length: version.length })),
  );
  return known
    .sort((a, b) => a.opcode - b.opcode)
    .map(({ type, opcode, length }) => `${opcode.toString(16).padStart(4, "0")} ${type} (${length})`)
    .join(", ");
}
