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
  purchaseCodes,
  registerCodes,
  takeCodes,
  toCharClient,
  toLoginClient,
  toMapClient,
  usualCodePage,
} from "../packages/dialects/src/ragnarok/index.ts";

/** Returns the parts of the page on the Ragnarok protocol that follow its title. */
export function ragnarokParts(): string[] {
  return [
    `The packets between unmodified Ragnarok Online clients of the 2010 generation and the three servers. Packets have the
names that the community gives them, by sender and receiver: CA and AC between client and login-server, CH and HC with the
char-server, CZ and ZC with the map-server.`,
    `## Bytes

- A packet is a u16 opcode and fields without gaps. All numbers are little-endian. If the table says *variable*, a u16
  with the length of the whole packet follows the opcode.
- The opcode decides the length, so nothing after an unknown opcode can be read: it ends the connection. So does a length
  of more than ${clientPacketBytesMax.toLocaleString("en")} from a client, or of less than the packet's fields need.
- **c*n***: text of *n* bytes, padded with NULs; there is no NUL if the text fills the field. Bytes after the first NUL have no
  meaning.
- Text is in the code page \`RAGNAROK_CODE_PAGE\`: ${codePageNames.join(", ")}. The default is ${usualCodePage}. A
  character that the code page lacks is sent as \`?\`.
- Chat goes from one Ragnarok client to the next byte by byte, whatever the code page. Native clients get it decoded from
  the code page, with U+FFFD for bytes that are no character in it. A line with a byte below 20 or with 7f is refused.
- **ipv4**: four bytes, in network order. **sex**: 0 female, 1 male.
- **pos3**: x, y (10 bits each) and direction (4 bits: 0 north, then counter-clockwise), most significant bit first.
- **move6**: x, y of one cell, x, y of another (10 bits each), and the positions within the two cells where the walk begins
  and ends (4 bits, four times), most significant bit first.
- Map names are sent with \`.gat\`. On a map, players are named by *account* id, and all other actors by actor id.`,
    `## PACKETVER

The date of the client program. It decides which layouts a client knows; a server uses those of one date. The dates below
are tested. With a date between two of them, each packet has its newest layout up to that date.

| PACKETVER | |
| --- | --- |
${packetVers.map((each) => `| ${each} | ${profiles[each]} |`).join("\n")}`,
    `## The course of a visit

1. **Login.** The server answers \`CA_LOGIN\` with \`AC_ACCEPT_LOGIN\`, or refuses it with a code below. With registration by
   name, a login as \`name_M\` or \`name_F\` registers the account \`name\` if there is none, and logs in to it. Digests
   (\`CA_LOGIN2\`, \`CA_LOGIN3\`, \`CA_LOGIN4\`) are refused as rejected: they are MD5 over the password, which cannot be checked
   against the stored argon2id. Configure clients not to hash the password.
2. **Character select.** The server sends \`HC_ACCOUNT_ID\` as soon as it has \`CH_ENTER\`, and then the list or a refusal. It first
   creates a character for an account that has none, unless that is switched off. It does not store the appearance and points that
   a client asks for, and ignores the e-mail address in \`CH_DELETE_CHAR\`. Clients from 20100803 on reserve a deletion, wait
   \`WORLD_DELETION_SECONDS\`, and then confirm it with a birth date. Accounts have none, so the server expects
   \`RAGNAROK_BIRTH_DATE\`, by default ${defaultOptions.birthDate}.
3. **Map.** After \`ZC_ACCEPT_ENTER\`, and after each \`ZC_NPCACK_MAPMOVE\`, the server sends nothing until the client has sent
   \`CZ_NOTIFY_ACTORINIT\`. Then it sends the actors in view and the character's numbers. It sends walks in legs of at most 14 steps.
   Whispers reach nobody yet. The server accepts turning, sitting and emotions, and shows them to nobody.
4. **NPCs.** \`CZ_CONTACTNPC\` begins a dialogue or a shop. Each line of a dialogue is a packet. A choice is sent with \`;\` in place
   of \`:\`, and as \`-\` if it would be empty. When the server has no such dialogue any more, it sends \`ZC_CLOSE_DIALOG\`, so that
   the player can close the window. Shops only sell. An item that was picked up is shown as added, but a later visit does not
   list it: the server has no list of belongings yet.

The server ignores packets that come too early or a second time, and those that are listed below as ignored. It disconnects
a client that does not send its first packet within ${seconds(defaultOptions.firstPacketMs)}, and a client that is silent for
${seconds(defaultOptions.silentMs)} at the login-server or on a map, or for ${seconds(defaultOptions.selectIdleMs)} at character select. These are the default bounds.`,
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
    `The server knows these packets and ignores them; the numbers are their lengths. ${unheard.join("\n\n")}`,
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
    "The code that the client gets for each refusal, and for each reason of a kick. A temporary ban is code 6, with its end. Before `SC_NOTIFY_BAN`, a player on a map reads the end of a ban, and what an operator wrote, as lines of `ZC_BROADCAST`.",
    "",
    "| command | refusal or reason | code |",
    "| --- | --- | --- |",
    ...rows("login.password", loginCodes),
    ...rows("login.register", registerCodes),
    ...rows("char.enter", charEnterCodes),
    ...rows("char.create", inPacket("HC_REFUSE_MAKECHAR", createCodes)),
    ...rows("char.delete", inPacket("HC_DELETE_CHAR3", deleteCodes)),
    ...rows("char.choose", chooseCodes),
    ...rows("map.enter", mapEnterCodes),
    ...rows("map.take", inPacket("ZC_ITEM_PICKUP_ACK", takeCodes)),
    ...rows("shop.buy", inPacket("ZC_PC_PURCHASE_RESULT", purchaseCodes)),
    ...rows("–", inPacket("SC_NOTIFY_BAN", kickCodes)),
  ].join("\n");
}
