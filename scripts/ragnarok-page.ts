import {
  charEnterCodes,
  chooseCodes,
  clientPacketBytesMax,
  codePageNames,
  createCodes,
  defaultOptions,
  deleteCodes,
  describePackets,
  describePassedOver,
  fromCharClient,
  fromLoginClient,
  fromMapClient,
  kickCodes,
  loginCodes,
  mapEnterCodes,
  type PacketTable,
  packetVers,
  passedOverAtChar,
  passedOverAtLogin,
  passedOverAtMap,
  profiles,
  registerCodes,
  toCharClient,
  toLoginClient,
  toMapClient,
  usualCodePage,
} from "../packages/dialects/src/ragnarok/index.ts";

/** What stands on the page of the Ragnarok protocol, below its title. */
export function ragnarokParts(): string[] {
  return [
    `What unmodified Ragnarok Online clients of the 2010 generation say to the three servers, and hear from them. Packets are named as
the community names them, by where they come from and go to: CA and AC between client and login-server, CH and HC with the
char-server, CZ and ZC with the map-server.`,
    `## Bytes

- A packet is a u16 opcode and fields without gaps. All numbers are little-endian. Where the table says *variable*, a u16 with
  the length of the whole packet follows the opcode.
- The opcode decides the length, so nothing after an unknown one can be read: it ends the connection. So does a length of
  more than ${clientPacketBytesMax.toLocaleString("en")} from a client, or of less than its fields take.
- **c*n***: text of *n* bytes, NULs after it, none if it fills the field. What stands behind the first NUL means nothing.
- Text is in the code page that \`RAGNAROK_CODE_PAGE\` says: ${codePageNames.join(", ")}. It is ${usualCodePage} unless set.
  What the code page lacks goes out as \`?\`.
- What players say goes from one client to the next byte by byte, whatever the code page. Native clients read it in the one that is
  set, with U+FFFD for what is no character there. A line with a byte below 20 or with 7f in it is refused.
- **ipv4**: four bytes, in network order. **sex**: 0 female, 1 male.
- **pos3**: x, y (10 bits each) and direction (4 bits: 0 north, then counter-clockwise), most significant bit first.
- **move6**: x, y of one cell, x, y of another (10 bits each), and where within the cell the walk begins and ends (4 bits, four
  times), most significant bit first.
- Map names travel with \`.gat\`. Who is on a map is named by *account* id.`,
    `## PACKETVER

The date of the client program. It decides which layouts a client knows; a server speaks those of one date. These are tested; with a
date between two of them each packet has its newest layout that is not newer.

| PACKETVER | |
| --- | --- |
${packetVers.map((each) => `| ${each} | ${profiles[each]} |`).join("\n")}`,
    `## What a visit is

1. **Login.** \`CA_LOGIN\` is answered by \`AC_ACCEPT_LOGIN\`, or refused by a code below. Where registration by name is on, a login
   as \`name_M\` or \`name_F\` makes the account \`name\`, unless it is there, and logs in to it. Digests (\`CA_LOGIN2\`, \`CA_LOGIN3\`,
   \`CA_LOGIN4\`) are refused as rejected: they are MD5 over the password, and what is stored is argon2id, from which no MD5 can be
   computed. A client that is set to hash its password must be set not to.
2. **Character select.** \`HC_ACCOUNT_ID\` is sent as soon as \`CH_ENTER\` is there, then the list or a refusal. An account without a
   character is given one first, unless that is switched off. Appearance and points that a client asks for are not
   kept, and the e-mail address that comes with \`CH_DELETE_CHAR\` is not looked at. Clients from 20100803 on reserve a deletion, wait
   for as long as \`WORLD_DELETION_SECONDS\` says, and then carry it out with a birth date. Accounts have none, so it is the one
   that \`RAGNAROK_BIRTH_DATE\` says, ${defaultOptions.birthDate} unless set.
3. **Map.** After \`ZC_ACCEPT_ENTER\`, and after each \`ZC_NPCACK_MAPMOVE\`, nothing is told before the client sent \`CZ_NOTIFY_ACTORINIT\`;
   then come those in view and the character's numbers. Walks are told in legs of at most 14 steps. Whispers reach nobody yet;
   turning, sitting and emotions are taken and shown to nobody.

What comes too early, or a second time, is passed over, as are the packets listed below as such. A client that does not send its first packet within
${seconds(defaultOptions.firstPacketMs)} of connecting is gone; so is one that was silent for ${seconds(defaultOptions.silentMs)} at the login-server or on a map, or for
${seconds(defaultOptions.selectIdleMs)} at character select. These are the usual bounds.`,
    codes(),
    door("Login-server", fromLoginClient, toLoginClient, passedOverAtLogin),
    door("Char-server", fromCharClient, toCharClient, passedOverAtChar),
    door("Map-server", fromMapClient, toMapClient, passedOverAtMap),
  ];
}

function door(server: string, heard: PacketTable, told: PacketTable, passedOver: PacketTable): string {
  const unheard = packetVers.map((each) => `PACKETVER ${each}: ${describePassedOver(passedOver, each)}.`);
  return [
    `## Client to ${server.toLowerCase()}`,
    describePackets(heard, packetVers),
    `These are understood and passed over, with their lengths. ${unheard.join("\n\n")}`,
    `## ${server} to client`,
    describePackets(told, packetVers),
  ].join("\n\n");
}

const seconds = (ms: number): string => `${(ms / 1_000).toLocaleString("en")} s`;

type Code = { readonly packet: string; readonly code: number } | null;

function codes(): string {
  const rows = (command: string, table: Readonly<Record<string, Code>>): string[] =>
    Object.entries(table).map(([refusal, code]) => {
      const told = code === null ? "logged in to instead" : `\`${code.packet}\` ${code.code}`;
      return `| \`${command}\` | \`${refusal}\` | ${told} |`;
    });
  const inPacket = (packet: string, table: Readonly<Record<string, number>>): Record<string, Code> =>
    Object.fromEntries(Object.entries(table).map(([word, code]) => [word, { packet, code }]));
  return [
    "## Codes",
    "",
    "What is told for each refusal, and for each reason of being sent away. Somebody banned for a time is told 6, and until when.",
    "",
    "| asked | answer | told |",
    "| --- | --- | --- |",
    ...rows("login.password", loginCodes),
    ...rows("login.register", registerCodes),
    ...rows("char.enter", charEnterCodes),
    ...rows("char.create", inPacket("HC_REFUSE_MAKECHAR", createCodes)),
    ...rows("char.delete", inPacket("HC_DELETE_CHAR3", deleteCodes)),
    ...rows("char.choose", chooseCodes),
    ...rows("map.enter", mapEnterCodes),
    ...rows("–", inPacket("SC_NOTIFY_BAN", kickCodes)),
  ].join("\n");
}
