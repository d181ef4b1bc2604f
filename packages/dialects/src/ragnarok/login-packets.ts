import { blocks, ipv4, orElse, restBytes, sex, text, u8, u16, u32, unused, zero16, zero32 } from "./field.ts";
import { definePackets } from "./packet-table.ts";
import { passedOver } from "./passed-over.ts";

const credentials = {
  version: u32("of the client's data"),
  name: text(24),
  password: text(24),
  clientType: u8(),
};
const hashed = { version: u32(), name: text(24), _md5: unused(16), clientType: u8() };

/** Packets from the client to the login-server. */
export const fromLoginClient = definePackets({
  CA_LOGIN: {
    doc: "Logs in with the password itself. The first packet on the connection.",
    versions: [
      { opcode: 0x0064, length: 55, fields: credentials },
      {
        name: "CA_LOGIN_PCBANG",
        opcode: 0x0277,
        length: 84,
        fields: { ...credentials, _address: unused(16), _mac: unused(13) },
      },
      {
        name: "CA_LOGIN_HAN",
        opcode: 0x02b0,
        length: 85,
        fields: { ...credentials, _address: unused(16), _mac: unused(13), _isGravityId: unused(1) },
      },
    ],
  },
  CA_REQ_HASH: {
    doc: "Asks for the salt of `CA_LOGIN2`.",
    versions: [{ opcode: 0x01db, length: 2, fields: {} }],
  },
  CA_LOGIN2: {
    doc: "Logs in with an MD5 digest. The server refuses it.",
    versions: [
      { opcode: 0x01dd, length: 47, fields: hashed },
      { name: "CA_LOGIN3", opcode: 0x01fa, length: 48, fields: { ...hashed, _clientInfo: unused(1) } },
      { name: "CA_LOGIN4", opcode: 0x027c, length: 60, fields: { ...hashed, _mac: unused(13) } },
    ],
  },
});

export const passedOverAtLogin = definePackets({
  PING: passedOver([0x0187, 6]),
  CA_CONNECT_INFO_CHANGED: passedOver([0x0200, 26]),
  CA_EXE_HASHCHECK: passedOver([0x0204, 18]),
  CA_REQ_GAME_GUARD_CHECK: passedOver([0x0258, 2]),
});

const kickCode = u8("why, see the table of codes");

const SC_NOTIFY_BAN = {
  doc: "The server says why it ends the connection.",
  versions: [{ opcode: 0x0081, length: 3, fields: { code: kickCode } }],
} as const;
export const toEveryClient = definePackets({ SC_NOTIFY_BAN });

/** Packets from the login-server to the client. */
export const toLoginClient = definePackets({
  ...toEveryClient,
  AC_ACCEPT_LOGIN: {
    doc: "Login ids, and the worlds to choose from. The client closes the connection.",
    versions: [
      {
        opcode: 0x0069,
        length: "variable",
        fields: {
          loginId1: u32("first half of the login ids"),
          accountId: u32(),
          loginId2: u32("second half"),
          lastAddress: zero32(),
          lastLogin: orElse(text(26), ""),
          sex: sex(),
          worlds: blocks({
            host: ipv4(),
            port: u16(),
            name: text(20),
            players: u16(),
            kind: zero16(),
            isNew: zero16(),
          }),
        },
      },
    ],
  },
  AC_REFUSE_LOGIN: {
    doc: "The login is refused.",
    versions: [
      {
        opcode: 0x006a,
        length: 23,
        fields: {
          code: u8("why, see the table of codes"),
          until: orElse(text(20, "when a ban ends: `YYYY-MM-DD HH:MM`"), ""),
        },
      },
    ],
  },
  AC_ACK_HASH: {
    doc: "The salt of `CA_LOGIN2`.",
    versions: [{ opcode: 0x01dc, length: "variable", fields: { salt: restBytes() } }],
  },
});
