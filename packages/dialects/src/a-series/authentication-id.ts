import { AccountId, LoginId, type LoginTicket } from "@sallyport/domain";
import { authenticationIdBytes } from "./packets.ts";

/*
 * The authentication id of a login, 16 bytes, big-endian: account id u32, login_id1 u32, login_id2 u32, and a
 * check. The top bit of the check is the sex: 0 is female. The other 31 bits are the first ones of a MAC over the
 * 12 bytes and the sex.
 *
 * The account lock decides whether an id is valid: it compares the account, the sex, and the login ids, which are
 * 64 random bits, new at every login. So no server needs the check. It tells a program that has the secret and no
 * lock store that a server made the id, and not that the id is still valid.
 */

/** Returns a MAC of at least 4 bytes, made with the secret of the cluster. */
export type Mac = (of: Uint8Array) => Uint8Array;

const checkOffset = 12;
const maleBit = 0x80;

export function authenticationIdOf(
  { accountId, loginId1, loginId2, sex }: LoginTicket,
  mac: Mac,
): Uint8Array {
  const id = new Uint8Array(authenticationIdBytes);
  const view = new DataView(id.buffer);
  view.setUint32(0, accountId);
  view.setUint32(4, loginId1);
  view.setUint32(8, loginId2);
  const sexBit = sex === "male" ? maleBit : 0;
  id[checkOffset] = sexBit;
  const [first = 0, ...others] = mac(id.slice(0, checkOffset + 1)).subarray(
    0,
    authenticationIdBytes - checkOffset,
  );
  id.set([(first & ~maleBit) | sexBit, ...others], checkOffset);
  return id;
}

/** Returns null unless the id has 16 bytes. Does not verify the check: clients do not have the secret. */
export function readAuthenticationId(id: Uint8Array): LoginTicket | null {
  if (id.length !== authenticationIdBytes) return null;
  const view = new DataView(id.buffer, id.byteOffset, id.length);
  return {
    accountId: AccountId(view.getUint32(0)),
    loginId1: LoginId(view.getUint32(4)),
    loginId2: LoginId(view.getUint32(8)),
    sex: (view.getUint8(checkOffset) & maleBit) === 0 ? "female" : "male",
  };
}
