import { bytes, characterList, charBlock, recorded, u16, worldList, zeros, zoneAt } from "./bytes.ts";
import { ScriptedDoor, type Visit } from "./scripted-door.ts";

export interface Misdeeds {
  /** Returns an answer that replaces the acceptance, or null to accept the login. */
  readonly login?: (user: string) => Buffer | null;
  /**
   * Returns an answer that replaces the normal answer to this request, or null to send the normal answer.
   * `port` is the port of the map door.
   */
  readonly map?: (opcode: number, port: number) => Buffer | null;
  readonly hasNoCharacters?: boolean;
  /** Returns an answer that replaces the map-server's address, or null to send the address. */
  readonly choose?: () => Buffer | null;
}

const requestLengths: Readonly<Record<number, number>> = {
  0x0064: 55,
  0x0065: 17,
  0x0066: 3,
  0x0067: 37,
  0x0436: 19,
  0x007d: 2,
  0x0089: 11,
  0x014f: 6,
  0x00a7: 9,
  0x00b2: 3,
  0x018a: 4,
};

/**
 * Doors that answer any number of clients correctly, except for the given misdeeds. All clients share one
 * account.
 */
export class SmallCluster {
  readonly login: ScriptedDoor;
  /** Users whose visits at a door have not ended. */
  readonly logins: string[] = [];
  onMapMost = 0;
  #onMap = 0;

  private constructor(login: ScriptedDoor) {
    this.login = login;
  }

  static async open(misdeeds: Misdeeds = {}): Promise<SmallCluster> {
    const map = await ScriptedDoor.open((visit) => cluster.#map(visit, map.port, misdeeds));
    const char = await ScriptedDoor.open((visit) => cluster.#char(visit, map.port, misdeeds));
    const login = await ScriptedDoor.open((visit) => cluster.#login(visit, char.port, misdeeds));
    const cluster = new SmallCluster(login);
    return cluster;
  }

  async #login(visit: Visit, charPort: number, misdeeds: Misdeeds): Promise<void> {
    const request = await take(visit);
    if (request === null) return;
    const user = request.toString("latin1", 6, 30).replace(/\0.*$/, "");
    this.logins.push(user);
    visit.send(misdeeds.login?.(user) ?? worldList(charPort));
    await visit.ended;
  }

  async #char(visit: Visit, mapPort: number, { hasNoCharacters = false, choose }: Misdeeds): Promise<void> {
    const mine = charBlock(150_001, "TestChar", 2);
    await take(visit);
    visit.send(bytes("81841e00"), hasNoCharacters ? characterList(24) : characterList(24, mine));
    for (let request = await take(visit); request !== null; request = await take(visit)) {
      visit.send(request.readUInt16LE() === 0x0067 ? bytes("6d00", mine) : (choose?.() ?? zoneAt(mapPort)));
    }
  }

  async #map(visit: Visit, port: number, misdeeds: Misdeeds): Promise<void> {
    this.#onMap += 1;
    this.onMapMost = Math.max(this.onMapMost, this.#onMap);
    for (let request = await take(visit); request !== null; request = await take(visit)) {
      const opcode = request.readUInt16LE();
      visit.send(misdeeds.map?.(opcode, port) ?? mapAnswer(opcode, request));
    }
    this.#onMap -= 1;
  }
}

/** Resolves to the next request, or to null if the client ended. */
async function take(visit: Visit): Promise<Buffer | null> {
  const opcode = await visit.take(2);
  if (opcode.length < 2) return null;
  const length = requestLengths[opcode.readUInt16LE()];
  if (length !== undefined) return bytes(opcode, await visit.take(length - 2));
  const said = await visit.take(2);
  return bytes(opcode, said, await visit.take(said.readUInt16LE() - 4));
}

function mapAnswer(opcode: number, request: Buffer): Buffer {
  const answers: Readonly<Record<number, () => Buffer>> = {
    0x0436: () => bytes(recorded.accountId, recorded.mapEntered),
    0x0089: () => recorded.timeTold,
    0x00a7: () => recorded.ownWalk,
    0x00f3: () => bytes("8e00", u16(request.length), request.subarray(4)),
    0x00b2: () => recorded.restarted,
    0x018a: () => bytes("8b01 0000"),
  };
  return answers[opcode]?.() ?? zeros(0);
}
