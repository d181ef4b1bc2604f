import { protocolFolders } from "@sallyport/front";
import { SettingsInvalid } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { checkRooms, readProtocols, withAllDoors } from "../src/tiers/front-tier.ts";

describe("--all-doors", () => {
  test("opens every protocol on its usual port, unless the environment names another", () => {
    const all = readProtocols(withAllDoors({}));
    expect(all.map(({ name, port }) => [name, port])).toEqual(
      protocolFolders.map(({ name, usualPort }) => [name, usualPort]),
    );
    expect(withAllDoors({})).toMatchObject({
      ...{ A_SERIES_PORT: "33600", CHAT_PORT: "8080", TOKEN_PORT: "8085", TOKEN_HTTP_PORT: "8084" },
      ...{ RESOURCE_PORT: "8086", RESOURCE_HTTP_PORT: "8087" },
    });
    const moved = readProtocols(withAllDoors({ LINE_PORT: "0" }));
    expect(moved.find(({ name }) => name === "line")?.port).toBe(0);
  });

  test("says for each how to try it", () => {
    const triesOf = (isSecure: boolean) =>
      Object.fromEntries(
        readProtocols(withAllDoors({})).map(({ name, port, tryWith }) => [
          name,
          tryWith({ host: "127.0.0.1", port }, isSecure),
        ]),
      );
    const slime = "npm run slime -- --register --host 127.0.0.1 --port 5555";
    expect(triesOf(false)).toMatchObject({
      chat: "npm run chat -- --host 127.0.0.1 --port 8080",
      line: "nc 127.0.0.1 7023",
      slime,
    });
    expect(triesOf(true)).toMatchObject({
      chat: "npm run chat -- --host 127.0.0.1 --port 8080 --tls",
      line: "openssl s_client -quiet -connect 127.0.0.1:7023",
      slime,
    });
  });

  test("has the rooms of each protocol, and what else a protocol needs to show all it has", () => {
    const { MAPS_FOLDER, SLIME_SAYS_NO_ACCOUNT } = withAllDoors({});
    expect(MAPS_FOLDER).toMatch(/maps-slime/);
    expect(SLIME_SAYS_NO_ACCOUNT).toBe("yes");
    expect(withAllDoors({ SLIME_SAYS_NO_ACCOUNT: "no" })).toMatchObject({ SLIME_SAYS_NO_ACCOUNT: "no" });
  });
});

test("no protocol is open by default, and the mistakes of all are told at once", () => {
  expect(readProtocols({})).toEqual([]);
  const wrong = () => readProtocols({ CHAT_PORT: "many", LINE_PORT: "99999" });
  expect(wrong).toThrow(SettingsInvalid);
  expect(wrong).toThrow(/CHAT_PORT: "many" is not[\s\S]*LINE_PORT: "99999" is not/);
});

test("a room has to be a hosted map that is open to all", () => {
  const protocols = readProtocols({ CHAT_PORT: "0", CHAT_ROOM: "club" });
  const movement = { kind: "walked" };
  expect(() => checkRooms(protocols, new Map([["club", { isOpen: true, movement }]]))).not.toThrow();
  for (const maps of [new Map(), new Map([["club", { isOpen: false, movement }]])])
    expect(() => checkRooms(protocols, maps)).toThrow("CHAT_ROOM: club is no open room of the hosted maps");
});

test("rooms of clients that report their positions have to have reported movement", () => {
  const protocols = readProtocols({ SLIME_PORT: "0", SLIME_ROOMS: "1=club" });
  const club = (kind: string) => new Map([["club", { isOpen: true, movement: { kind } }]]);
  expect(() => checkRooms(protocols, club("reported"))).not.toThrow();
  expect(() => checkRooms(protocols, club("walked"))).toThrow("SLIME_ROOMS: club has no reported movement");
});
