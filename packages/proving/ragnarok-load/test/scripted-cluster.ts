import { expect } from "vitest";
import { type ClientOptions, RagnarokClient } from "../src/index.ts";
import { bytes, characterList, charBlock, recorded, worldList, zoneAt } from "./bytes.ts";
import { ScriptedDoor, type Visit } from "./scripted-door.ts";

export const echo = bytes("81841e00");
export const list = characterList(24, charBlock(150_001, "TestChar", 0));
export const loaded = bytes("7d00");
export const loadedAndTimeBytes = 2 + 11 + 6;

export function clientAt(login: ScriptedDoor, more: Partial<ClientOptions> = {}): RagnarokClient {
  return new RagnarokClient({ login, account: "testuser", password: "testpass", withinMs: 5_000, ...more });
}

/** Opens doors that work correctly until the client enters the map. The test controls the map. */
export async function cluster(onMap: (visit: Visit) => Promise<void>, before: Buffer[] = [echo]) {
  const map = await ScriptedDoor.open(async (visit) => {
    const hello = await visit.take(19);
    expect(hello.subarray(0, 14)).toEqual(recorded.enterMap.subarray(0, 14));
    visit.send(recorded.accountId, recorded.mapEntered);
    const first = await visit.take(loadedAndTimeBytes);
    expect(first.subarray(0, 2)).toEqual(loaded);
    expect(first.subarray(2, 9)).toEqual(recorded.time.subarray(0, 7));
    expect(first.subarray(13)).toEqual(recorded.guild);
    visit.send(recorded.timeTold);
    await onMap(visit);
  });
  const char = await ScriptedDoor.open(async (visit) => {
    expect(await visit.take(17)).toEqual(recorded.enterChar);
    visit.send(...before, list);
    const choice = await visit.take(3);
    if (choice.length === 0) return;
    expect(choice).toEqual(bytes("6600 00"));
    visit.send(zoneAt(map.port));
    await visit.ended;
  });
  const login = await ScriptedDoor.open(async (visit) => {
    expect(await visit.take(55)).toEqual(recorded.login);
    visit.send(worldList(char.port));
    await visit.ended;
  });
  return { login, char, map };
}

export async function enter(login: ScriptedDoor, more: Partial<ClientOptions> = {}): Promise<RagnarokClient> {
  const client = clientAt(login, more);
  expect(await client.login()).toMatchObject({ type: "AC_ACCEPT_LOGIN" });
  expect(await client.enterChar()).toMatchObject({ type: "HC_ACCEPT_ENTER" });
  expect(await client.select(0)).toMatchObject({ type: "HC_NOTIFY_ZONESVR", map: "prontera" });
  expect(await client.enterMap()).toMatchObject({ type: "ZC_ACCEPT_ENTER2" });
  return client;
}
