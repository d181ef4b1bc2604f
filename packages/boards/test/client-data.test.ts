import { describe, expect, test } from "vitest";
import {
  addressText,
  checkServerName,
  clientData,
  emptyData,
  type ResourceServer,
  readAddress,
  tokenFor,
  withAuthenticationServer,
  withoutResourceServer,
  withoutTokens,
  withResourceServer,
  withToken,
} from "../src/client-data.ts";

const authentication = { name: "home", host: "127.0.0.1", port: 8_085, isSecure: false };
const boards: ResourceServer = { ...authentication, name: "boards", port: 8_086, audience: "resource" };
const token = (expires: number, audience = "resource") => ({ audience, token: `${audience} token`, expires });
const of = { identity: "alice", audience: "resource", nowMs: 1_000_000 };

describe("a token", () => {
  test("is used until half a minute before its end, by its identity and for its audience", () => {
    const data = withToken(emptyData, "alice", token(1_031));
    expect(tokenFor(data, of)).toBe("resource token");
    expect(tokenFor(withToken(emptyData, "alice", token(1_030)), of)).toBeNull();
    expect(tokenFor(data, { ...of, identity: "bob" })).toBeNull();
    expect(tokenFor(data, { ...of, audience: "other" })).toBeNull();
  });

  test("replaces the one before it, and not those for another audience", () => {
    const first = withToken(withToken(emptyData, "alice", token(2_000)), "alice", token(2_000, "other"));
    const data = withToken(first, "alice", { ...token(3_000), token: "newer" });
    expect(tokenFor(data, of)).toBe("newer");
    expect(tokenFor(data, { ...of, audience: "other" })).toBe("other token");
    expect(data.identities).toHaveLength(1);
  });

  test("is forgotten when its identity logs out, or the authentication server is another one", () => {
    const both = withToken(withToken(emptyData, "bob", token(2_000)), "alice", token(2_000));
    const data = withAuthenticationServer(both, authentication);
    expect(tokenFor(data, of)).toBeNull();
    const again = withToken(withToken(data, "bob", token(2_000)), "alice", token(2_000));
    expect(tokenFor(withAuthenticationServer(again, { ...authentication, name: "work" }), of)).not.toBeNull();
    expect(tokenFor(withAuthenticationServer(again, { ...authentication, port: 1 }), of)).toBeNull();
    expect(tokenFor(withoutTokens(again, "alice"), of)).toBeNull();
    expect(tokenFor(withoutTokens(again, "alice"), { ...of, identity: "bob" })).not.toBeNull();
    expect(again.identities.map(({ name }) => name)).toEqual(["alice", "bob"]);
  });

  test("is kept for a hundred identities at most, and those that were used last stay", () => {
    let data = emptyData;
    for (let nth = 0; nth < 150; nth += 1) data = withToken(data, `user ${nth}`, token(2_000));
    expect(data.identities).toHaveLength(100);
    expect(data.identities[0]?.name).toBe("user 149");
    expect(clientData.safeParse(data).success).toBe(true);
  });
});

describe("a resource-server", () => {
  test("is added, replaced in its place, and removed", () => {
    const two = withResourceServer(withResourceServer(emptyData, boards), { ...boards, name: "more" });
    const changed = withResourceServer(two, { ...boards, port: 1 }, "boards");
    expect(changed.resourceServers.map(({ name, port }) => [name, port])).toEqual([
      ["boards", 1],
      ["more", 8_086],
    ]);
    expect(withoutResourceServer(changed, "boards").resourceServers).toHaveLength(1);
  });

  test("has a name that no other one has", () => {
    const one = withResourceServer(emptyData, boards);
    expect(() => withResourceServer(one, boards)).toThrow("there is a server boards already");
    const two = withResourceServer(one, { ...boards, name: "more" });
    expect(() => withResourceServer(two, boards, "more")).toThrow("there is a server boards already");
  });

  test.each(["", "a name of 21 characters!", "two\nlines"])("is not named %j", (name) => {
    expect(() => checkServerName(name)).toThrow("1 to 20 visible characters");
  });
});

test.each([
  ["127.0.0.1:8086", { host: "127.0.0.1", port: 8_086, isSecure: false }, "127.0.0.1:8086"],
  [
    "tcp://boards.example.org:1",
    { host: "boards.example.org", port: 1, isSecure: false },
    "boards.example.org:1",
  ],
  ["TLS://b.example:65535", { host: "b.example", port: 65_535, isSecure: true }, "tls://b.example:65535"],
  ["[::1]:8086", { host: "::1", port: 8_086, isSecure: false }, "[::1]:8086"],
])("the address %s is understood, and shown again", (text, address, shown) => {
  expect(readAddress(text)).toEqual(address);
  expect(addressText(address)).toBe(shown);
});

test.each([
  "",
  "8086",
  "host:",
  "host:0",
  "host:65536",
  "http://host:80",
  "::1:8086",
  "a b:1",
  "host:1/path",
])("%j is no address", (text) => {
  expect(() => readAddress(text)).toThrow("expected an address like");
});
