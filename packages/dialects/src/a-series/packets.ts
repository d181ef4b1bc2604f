import { WireError } from "@sallyport/wire";

/*
 * The packets of the A series, as the login server of seed 000 has them: big-endian, without padding. A packet
 * has no length; its type decides.
 *
 * 0xa1 and 0xa3, from the client, 130 bytes: type i16, e-mail 64 bytes, password 64 bytes.
 * 0xa2, to the client, 22 bytes: type i16, status i16, authentication id 16 bytes, event port i16.
 * 0xa4, to the client, 4 bytes: type i16, status i16.
 */

const packetTypes = {
  authentUser: 0x00a1,
  vertifyUser: 0x00a2,
  registerUser: 0x00a3,
  registerStat: 0x00a4,
} as const;

export const statusCodes = {
  registerFail: 128,
  registerSuccess: 137,
  loginUser: 200,
  loginAdmin: 201,
  loginFail: 401,
  loginAlready: 471,
} as const;

export const authenticationIdBytes = 16;
const headerBytes = 2;
const textBytes = 64;
const requestBytes = headerBytes + 2 * textBytes;

const requestTypes = {
  [packetTypes.authentUser]: "authent_user",
  [packetTypes.registerUser]: "register_user",
} as const;

export interface Request {
  readonly type: (typeof requestTypes)[keyof typeof requestTypes];
  readonly email: string;
  readonly password: string;
}

/** The original sends one digit 0 instead of an id if it refuses a login. */
const noAuthenticationId = Uint8Array.of(0x30, ...Array<number>(authenticationIdBytes - 1).fill(0));

/** Reads requests from bytes that come in any pieces. Holds less than one request. */
export class RequestReader {
  #held = new Uint8Array(0);

  /** Returns at most `countMax` requests, and drops all bytes behind them. Throws `WireError` for another type. */
  push(bytes: Uint8Array, countMax: number): Request[] {
    let rest = new Uint8Array([...this.#held, ...bytes]);
    const requests: Request[] = [];
    while (requests.length < countMax && rest.length >= headerBytes) {
      const type = requestTypeOf(rest);
      if (rest.length < requestBytes) break;
      const [email, password] = [textAt(rest, headerBytes), textAt(rest, headerBytes + textBytes)];
      requests.push({ type, email, password });
      rest = rest.slice(requestBytes);
    }
    this.#held = requests.length < countMax ? rest : new Uint8Array(0);
    return requests;
  }
}

function requestTypeOf(packet: Uint8Array): Request["type"] {
  const number = new DataView(packet.buffer, packet.byteOffset).getInt16(0);
  const type = requestTypes[number as keyof typeof requestTypes];
  if (type === undefined) throw new WireError("A series", `no request has the type ${number}`);
  return type;
}

/**
 * The text ends at the first zero byte, or with the field. Bytes that are no UTF-8 are read as an empty text,
 * which is no name and no password. With replacement characters, different passwords would be the same.
 */
function textAt(packet: Uint8Array, offset: number): string {
  const field = packet.subarray(offset, offset + textBytes);
  const end = field.indexOf(0);
  try {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return utf8.decode(end === -1 ? field : field.subarray(0, end));
  } catch {
    return "";
  }
}

/** `authenticationId` has 16 bytes. Null: the login was refused. */
export function vertifyUser(status: number, authenticationId: Uint8Array | null): Uint8Array {
  const packet = new Uint8Array(22);
  const view = new DataView(packet.buffer);
  view.setInt16(0, packetTypes.vertifyUser);
  view.setInt16(2, status);
  packet.set(authenticationId ?? noAuthenticationId, 4);
  // The event port at 20 is 0: the original never had an event server.
  return packet;
}

export function registerStat(status: number): Uint8Array {
  const packet = new Uint8Array(4);
  const view = new DataView(packet.buffer);
  view.setInt16(0, packetTypes.registerStat);
  view.setInt16(2, status);
  return packet;
}
