import {
  countSetting,
  defaultClientBounds,
  flagSetting,
  optionalPortSetting,
  originsSetting,
  portSetting,
  proxiesSetting,
  serverNameSetting,
  textSetting,
} from "@sallyport/server-kit";

const many = 1_000_000;
const minute = 60_000;
const bounds = defaultClientBounds;

const webSocketPort = (door: "LOGIN" | "CHAR" | "MAP") =>
  optionalPortSetting(
    `GATEWAY_${door}_WS_PORT`,
    `port for clients of ${door.toLowerCase()}-servers over WebSocket, 0: any free one; empty: not open to them`,
    "GATEWAY_HOST",
  );

/** Of the gateway itself; what Ragnarok clients need is beside them. */
export const gatewaySettings = {
  name: serverNameSetting("GATEWAY_NAME", "its name in the list of servers", "gateway-1"),
  world: textSetting("WORLD_NAME", "the world whose map-servers and char-server it leads to", {
    fallback: "Alpha",
    pattern: /^[\w -]{1,20}$/,
    expected: "1 to 20 letters, digits, spaces, _ or -",
  }),
  host: textSetting("GATEWAY_HOST", "address on which clients connect", { fallback: "127.0.0.1" }),
  mapPort: portSetting(
    "GATEWAY_MAP_PORT",
    "port on which clients connect to map-servers; 0: any free one",
    7400,
    "GATEWAY_HOST",
  ),
  charPort: optionalPortSetting(
    "GATEWAY_CHAR_PORT",
    "port on which clients connect to the char-server, 0: any free one; empty: not open",
    "GATEWAY_HOST",
  ),
  loginPort: optionalPortSetting(
    "GATEWAY_LOGIN_PORT",
    "port on which clients connect to login-servers, 0: any free one; empty: not open",
    "GATEWAY_HOST",
  ),
  mapWsPort: webSocketPort("MAP"),
  charWsPort: webSocketPort("CHAR"),
  loginWsPort: webSocketPort("LOGIN"),
  wsOrigins: originsSetting(
    "GATEWAY_WS_ORIGINS",
    "pages that may connect: origins like https://play.example.org, https://*.example.org, capacitor://localhost or null, with commas between, or *; empty: those of loopback and of GATEWAY_HOST",
  ),
  isProxy: proxiesSetting,
  sendProxy: flagSetting(
    "GATEWAY_SEND_PROXY",
    "whether a PROXY header tells servers the address of each client; PROXY_FROM of each server then has to list this gateway",
    true,
  ),
  clientsMax: countSetting(
    "GATEWAY_CLIENTS_MAX",
    "connections at once, over all its ports; more are closed",
    bounds.clientsMax,
    1,
    many,
  ),
  clientsPerAddressMax: countSetting(
    "GATEWAY_CLIENTS_PER_ADDRESS_MAX",
    "connections at once from one address",
    bounds.clientsPerAddressMax,
    1,
    many,
  ),
  handshakeMs: countSetting(
    "GATEWAY_HANDSHAKE_MS",
    "milliseconds from connecting until TLS and the upgrade to WebSocket are done",
    5_000,
    100,
    minute,
  ),
  firstCommandMs: countSetting(
    "GATEWAY_FIRST_PACKET_MS",
    "milliseconds after GATEWAY_HANDSHAKE_MS in which a client has to show its account and be joined to a server",
    bounds.firstCommandMs,
    100,
    10 * minute,
  ),
  newcomersMax: countSetting(
    "GATEWAY_NEWCOMERS_MAX",
    "connections at once that are not joined to a server; one more closes the oldest of the address that has most of them",
    bounds.newcomersMax,
    1,
    many,
  ),
  newcomersPerAddressMax: countSetting(
    "GATEWAY_NEWCOMERS_PER_ADDRESS_MAX",
    "connections at once from one address that are not joined to a server; one more closes the oldest",
    bounds.newcomersPerAddressMax,
    1,
    many,
  ),
  connectMs: countSetting(
    "GATEWAY_CONNECT_MS",
    "milliseconds for a server to take a connection, before the next one is tried",
    2_000,
    50,
    minute,
  ),
  unreachedMs: countSetting(
    "GATEWAY_UNREACHED_MS",
    "milliseconds that a client waits while the server that it belongs to is not there, or not known of; then another refuses it",
    3_000,
    0,
    minute,
  ),
  goneMs: countSetting(
    "GATEWAY_GONE_MS",
    "milliseconds that a server may be silent that is not on the list of servers any more; then its clients' connections end",
    30_000,
    1_000,
    10 * minute,
  ),
  unreadMs: countSetting(
    "GATEWAY_UNREAD_MS",
    "milliseconds after which a client is disconnected that reads none of the bytes that wait for it",
    2 * bounds.unreadMs,
    100,
    10 * minute,
  ),
  drainMs: countSetting(
    "GATEWAY_DRAIN_WITHIN_MS",
    "milliseconds that connections may go on after SIGTERM, while nobody new is let in; 0: it ends them all at once",
    0,
    0,
    24 * 60 * minute,
  ),
  waitingBytesMax: countSetting(
    "GATEWAY_WAITING_BYTES",
    "bytes that may wait for either end of a connection to read them; then the other end is read no further",
    64 << 10,
    64 << 10,
    1 << 30,
  ),
};
