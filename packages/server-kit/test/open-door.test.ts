import { request } from "node:http";
import { connect } from "node:net";
import { systemClock } from "@sallyport/clock";
import type { ByteChannel } from "@sallyport/link";
import { connectTcp, connectTls, ListenFailed } from "@sallyport/link/tcp";
import { connectWebSocket } from "@sallyport/link/websocket";
import { TestAuthority, testHost, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  connectLink,
  doorSettings,
  type Environment,
  type LinkTls,
  listenForLinks,
  type OpenDoor,
  openDoor,
  publicAddress,
  publicSettings,
  Refusals,
  readDoorTls,
  readLinkTls,
  readServersTls,
  readSettings,
  SettingsInvalid,
  type SettingValues,
} from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

let authority: TestAuthority;
let other: TestAuthority;
beforeAll(() => {
  authority = new TestAuthority();
  other = new TestAuthority();
});
afterAll(() => {
  authority.remove();
  other.remove();
});

const accepted: ByteChannel[] = [];
const opened: ByteChannel[] = [];
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const channel of [...accepted.splice(0), ...opened.splice(0)]) channel.destroy();
  for (const stop of stops.splice(0)) await stop();
});

const settings = { ...doorSettings("CHAR", 7200), ...publicSettings("CHAR") };
const anyPorts = { CHAR_PORT: "0", CHAR_WS_PORT: "0" };

async function open(environment: Environment) {
  const values = readSettings(settings, environment);
  const { log, lines } = heardLog();
  const refusals = new Refusals(testHost({ clock: systemClock, log }), { door: "char" });
  const door = await openDoor(values, { tls: readDoorTls(environment), refusals }, (channel) =>
    accepted.push(channel),
  );
  stops.push(() => door.stop());
  const untilTold = (fields: object) =>
    until(() => lines.find((line) => line.level === 40), { what: "the operator is warned" }).then(() =>
      expect(lines.filter((line) => line.level === 40)).toMatchObject([
        { msg: "client connections refused", door: "char", ...fields },
      ]),
    );
  return { door, sentTo: () => sentFrom(values, door), untilTold };
}

/** Returns the address to which a client is sent if its network is not known. */
const sentFrom = (
  { host, publicHost, publicPort, publicWsUrl }: SettingValues<typeof settings>,
  door: OpenDoor,
) =>
  publicAddress(
    { host, publicHost: publicHost.usual, publicPort: publicPort.usual, publicWsUrl: publicWsUrl.usual },
    door,
  );

const doorFiles = (): Environment => {
  const { certFile, keyFile } = authority.issue("127.0.0.1");
  return { TLS_CERT: certFile, TLS_KEY: keyFile };
};

async function isLetIn(connecting: Promise<ByteChannel>): Promise<void> {
  const before = accepted.length;
  opened.push(await connecting);
  await until(() => accepted.length === before + 1, { what: "admitted" });
}

const over = (door: OpenDoor) => ({
  webSocket: `ws://127.0.0.1:${door.webSocket?.port}`,
  secureWebSocket: `wss://127.0.0.1:${door.webSocket?.port}`,
});

describe("a door", () => {
  test("is open over TCP alone, unless its WebSocket port is set", async () => {
    const { door, sentTo } = await open({ CHAR_PORT: "0" });
    expect(door.webSocket).toBeNull();
    expect(sentTo()).toEqual({ host: "127.0.0.1", port: door.address.port, wsUrl: null, otherDoors: [] });
    await isLetIn(connectTcp(door.address, 5_000));
  });

  test("accepts clients over both, and sends each to the next port for its transport", async () => {
    const { door, sentTo } = await open(anyPorts);
    await isLetIn(connectTcp(door.address, 5_000));
    await isLetIn(connectWebSocket(over(door).webSocket, 5_000));
    expect(sentTo()).toMatchObject({ port: door.address.port, wsUrl: over(door).webSocket });
  });

  test("with a certificate speaks TLS on both, and nothing else", async () => {
    const { door, sentTo } = await open({ ...anyPorts, ...doorFiles() });
    const ca = authority.certificate.cert;
    await isLetIn(connectTls(door.address, 5_000, { ca }));
    await isLetIn(connectWebSocket(over(door).secureWebSocket, 5_000, { ca }));
    await expect(connectWebSocket(over(door).webSocket, 5_000)).rejects.toThrow();
    expect(sentTo().wsUrl).toBe(over(door).secureWebSocket);
    expect(accepted).toHaveLength(2);
  });

  test("whose second port is in use opens neither", async () => {
    const { door } = await open(anyPorts);
    const taken = String(door.webSocket?.port);
    const free = String((await open({ CHAR_PORT: "0" })).door.address.port);
    await stops.pop()?.();
    await expect(open({ CHAR_PORT: free, CHAR_WS_PORT: taken })).rejects.toThrow(ListenFailed);
    await open({ CHAR_PORT: free });
  });

  test("accepts only pages of loopback and of the host that clients are sent to", async () => {
    const { door } = await open({ ...anyPorts, CHAR_PUBLIC_HOST: "play.example.org" });
    const statusFor = async (origin: string): Promise<number> =>
      (await fetchUpgrade(door.webSocket?.port ?? 0, origin)).status;
    expect(await statusFor("https://play.example.org")).toBe(101);
    expect(await statusFor("http://localhost:5173")).toBe(101);
    expect(await statusFor("https://elsewhere.example")).toBe(403);
  });

  test("accepts pages of the hosts that clients of one network are sent to", async () => {
    const { door } = await open({
      ...anyPorts,
      CHAR_PUBLIC_HOST: "play.example.org,10.0.0.0/8=game.lan",
      CHAR_PUBLIC_WS_URL: "10.0.0.0/8=ws://ws.lan:7202",
    });
    const statusFor = async (origin: string): Promise<number> =>
      (await fetchUpgrade(door.webSocket?.port ?? 0, origin)).status;
    expect(await statusFor("http://game.lan")).toBe(101);
    expect(await statusFor("http://ws.lan")).toBe(101);
    expect(await statusFor("https://play.example.org")).toBe(101);
    expect(await statusFor("http://other.lan")).toBe(403);
  });

  test("logs a page that may not connect, with the setting", async () => {
    const { door, untilTold } = await open(anyPorts);
    await fetchUpgrade(door.webSocket?.port ?? 0, "https://elsewhere.example");
    await untilTold({ origin: "https://elsewhere.example", variable: "CHAR_WS_ORIGINS" });
  });

  const raw = (port: number, said: string): void => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(said));
    socket.on("error", () => {});
    stops.push(async () => socket.destroy());
  };

  type Refused = readonly [
    string,
    Environment & { readonly tls?: string },
    "address" | "webSocket",
    string,
    string,
  ];
  const refusedFor: readonly Refused[] = [
    [
      "a request that is no WebSocket",
      {},
      "webSocket",
      "GET / HTTP/1.1\r\nHost: here\r\n\r\n",
      "CHAR_WS_PORT",
    ],
    ["bytes that are no HTTP", {}, "webSocket", "\x16\x03\x01\r\n\r\n", "CHAR_WS_PORT"],
    [
      "a malformed upgrade",
      {},
      "webSocket",
      "GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "CHAR_WS_PORT",
    ],
    ["a connection without TLS", { tls: "yes" }, "address", "plain words, and many of them", "TLS_CERT"],
    ["a proxy without a PROXY header", { PROXY_FROM: "127.0.0.1" }, "address", "anything", "PROXY_FROM"],
    ["a handshake that takes too long", { CHAR_HANDSHAKE_MS: "100" }, "webSocket", "", "CHAR_HANDSHAKE_MS"],
  ];
  test.each(refusedFor)(
    "logs %s, with the setting",
    async (_, { tls, ...environment }, at, said, variable) => {
      const { door, untilTold } = await open({ ...anyPorts, ...environment, ...(tls && doorFiles()) });
      raw(door[at]?.port ?? 0, said);
      await untilTold({ variable, remote: expect.stringMatching(/^127\.0\.0\.1:/) });
    },
  );
});

describe("the address for clients over WebSocket", () => {
  const sentTo = (environment: Environment, door: Partial<OpenDoor>): string | null | undefined =>
    sentFrom(readSettings(settings, environment), {
      address: { host: "0.0.0.0", port: 7200 },
      webSocket: { host: "0.0.0.0", port: 7202 },
      isSecure: false,
      stop: async () => {},
      ...door,
    }).wsUrl;

  test("is the public host and the given port, with wss if the door has TLS", () => {
    const CHAR_PUBLIC_HOST = "play.example.org";
    expect(sentTo({ CHAR_PUBLIC_HOST }, {})).toBe("ws://play.example.org:7202");
    expect(sentTo({ CHAR_PUBLIC_HOST }, { isSecure: true })).toBe("wss://play.example.org:7202");
    expect(sentTo({ CHAR_PUBLIC_HOST: "2001:db8::7" }, {})).toBe("ws://[2001:db8::7]:7202");
    expect(sentTo({ CHAR_PUBLIC_HOST }, { webSocket: null })).toBeNull();
  });

  test("is the address of a proxy in front, if that is set", () => {
    const CHAR_PUBLIC_WS_URL = "wss://play.example.org/alpha";
    expect(sentTo({ CHAR_PUBLIC_WS_URL }, {})).toBe(CHAR_PUBLIC_WS_URL);
    expect(sentTo({ CHAR_PUBLIC_WS_URL }, { webSocket: null })).toBe(CHAR_PUBLIC_WS_URL);
  });
});

describe("settings of WebSocket", () => {
  const read = (environment: Environment) => readSettings(settings, environment);
  const problem = (environment: Environment): string => {
    try {
      read(environment);
      return "";
    } catch (error) {
      return (error as SettingsInvalid).message;
    }
  };

  test("origins are read as browsers write them", () => {
    const listed = "https://Play.example.org:443/, http://localhost:8080";
    expect(read({ CHAR_WS_ORIGINS: listed }).wsOrigins).toEqual([
      "https://play.example.org",
      "http://localhost:8080",
    ]);
    expect(read({ CHAR_WS_ORIGINS: "*" }).wsOrigins).toBe("any");
    expect(read({}).wsOrigins).toBeNull();
  });

  test("origins may be those of apps and files, and the list may end with a comma", () => {
    const listed =
      "Capacitor://localhost, app://obsidian.md, file://,file:///, null, chrome-extension://abc/,";
    expect(read({ CHAR_WS_ORIGINS: listed }).wsOrigins).toEqual([
      ...["capacitor://localhost", "app://obsidian.md", "file://", "file://", "null"],
      "chrome-extension://abc",
    ]);
  });

  test.each([
    ["capacitor://localhost", "capacitor://localhost", "capacitor://localhost.example"],
    ["null", "null", "https://null"],
    ["file://", "file://", "file://host"],
    ["https://*.example.org", "https://play.example.org", "https://example.org"],
    ["https://*.example.org", "https://a.b.example.org", "https://play.example.org.evil.example"],
    ["https://*.example.org:8443", "https://play.example.org:8443", "https://play.example.org"],
    ["https://*.example.org", "https://play.example.org", "http://play.example.org"],
    ["https://*.example.org", "https://play.example.org", "https://evil.example/.example.org"],
  ])("%s in the list admits a page of %s, and not a page of %s", async (listed, may, mayNot) => {
    const { door } = await open({ ...anyPorts, CHAR_WS_ORIGINS: listed });
    const statusFor = async (origin: string): Promise<number> =>
      (await fetchUpgrade(door.webSocket?.port ?? 0, origin)).status;
    expect([await statusFor(may), await statusFor(mayNot)]).toEqual([101, 403]);
  });

  test.each([
    [{ CHAR_WS_PORT: "99999" }, 'CHAR_WS_PORT: "99999" is not'],
    [{ CHAR_WS_ORIGINS: "play.example.org" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://play.example.org/game" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://a.example,*" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://play.*.example" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://play*.example.org" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "*://play.example.org" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://*" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://*.com" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://a.example,,https://b.example" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "https://user@a.example" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_WS_ORIGINS: "app://a.example/page" }, "CHAR_WS_ORIGINS"],
    [{ CHAR_PUBLIC_WS_URL: "https://play.example.org" }, "CHAR_PUBLIC_WS_URL"],
    [{ CHAR_PUBLIC_WS_URL: "play.example.org:7202" }, "CHAR_PUBLIC_WS_URL"],
  ])("%o is refused, with the name of the setting", (environment, named) => {
    expect(problem(environment)).toContain(named);
  });
});

describe("settings of TLS", () => {
  test("go together: a missing one is named", () => {
    expect(() => readDoorTls({ TLS_CERT: "/x" })).toThrow("TLS_KEY must be set together with TLS_CERT");
    expect(() => readLinkTls({ LINK_TLS_KEY: "/x" })).toThrow(
      /LINK_TLS_CERT must be set together with LINK_TLS_KEY[^]*LINK_TLS_CA must be set together with LINK_TLS_KEY/,
    );
    expect([readDoorTls({}), readLinkTls({})]).toEqual([null, null]);
  });

  test("of a gateway's servers may be missing: it then trusts the system's authorities, for the host", () => {
    expect(readServersTls({})).toEqual({ files: null, name: null });
    expect(() => readServersTls({ GATEWAY_SERVERS_CA: "/x" })).toThrow("GATEWAY_SERVERS_CA: cannot read /x");
  });
});

describe("links between servers", () => {
  const linkTls = (by: TestAuthority, host = "127.0.0.1", environment: Environment = {}): LinkTls => {
    const { certFile, keyFile } = by.issue(host);
    return readLinkTls({
      LINK_TLS_CERT: certFile,
      LINK_TLS_KEY: keyFile,
      LINK_TLS_CA: by.certificate.certFile,
      ...environment,
    }) as LinkTls;
  };

  async function listen(tls: LinkTls | null) {
    const { log, lines } = heardLog();
    const links = await listenForLinks({ host: "127.0.0.1", port: 0 }, { tls, log }, (channel) =>
      accepted.push(channel),
    );
    stops.push(() => links.stop());
    const untilTold = (why: string) =>
      until(() => lines.some((line) => String(line.why).includes(why)), { what: `told: ${why}` });
    return { address: links.address, untilTold };
  }

  test("without TLS are plain", async () => {
    const { address } = await listen(null);
    await isLetIn(connectLink(address, null));
  });

  test("with TLS join servers with certificates of one authority", async () => {
    const { address } = await listen(linkTls(authority));
    await isLetIn(connectLink(address, linkTls(authority, "char-1")));
  });

  test("refuse a server without a certificate, and log it", async () => {
    const { address, untilTold } = await listen(linkTls(authority));
    opened.push(await connectTls(address, 5_000, { ca: authority.certificate.cert }));
    await untilTold("showed no certificate");
    opened.push(await connectTcp(address, 5_000));
    opened.at(-1)?.send(new Uint8Array(64));
    await untilTold("does not speak TLS");
    expect(accepted).toEqual([]);
  });

  test("refuse a server with a certificate of another authority, at both ends", async () => {
    const { address, untilTold } = await listen(linkTls(authority));
    await expect(connectLink(address, linkTls(other))).rejects.toThrow("not signed by a trusted authority");
    const { files } = linkTls(other);
    const trusting = { ca: authority.certificate.cert, identity: files.current };
    opened.push(await connectTls(address, 5_000, trusting));
    await untilTold("not signed by a trusted authority");
    expect(accepted).toEqual([]);
  });

  test("are made only to the given host, or to the name that is set for it", async () => {
    const { address } = await listen(linkTls(authority, "login.internal"));
    await expect(connectLink(address, linkTls(authority))).rejects.toThrow("for another name");
    const named = linkTls(authority, "char-1", { LINK_TLS_NAME: "login.internal" });
    await isLetIn(connectLink(address, named));
  });
});

/** Asks for a WebSocket like a browser on a page of this origin. Returns the status of the answer. */
function fetchUpgrade(port: number, origin: string): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: "127.0.0.1",
      port,
      headers: {
        origin,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0 });
    });
    asked.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    asked.on("error", reject);
    asked.end();
  });
}
