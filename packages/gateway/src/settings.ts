import {
  about,
  countSetting,
  defaultClientBounds,
  flagSetting,
  optionalPortSetting,
  originsSetting,
  portSetting,
  proxiesSetting,
  serverNameSetting,
  textSetting,
  worldName,
} from "@sallyport/server-kit";

const many = 1_000_000;
const minute = 60_000;
const bounds = defaultClientBounds;

const webSocketPort = (door: "LOGIN" | "CHAR" | "MAP") =>
  optionalPortSetting(
    `GATEWAY_${door}_WS_PORT`,
    `Port of the gateway on which clients of ${door.toLowerCase()}-servers connect over WebSocket. 0 picks a free port; empty opens none.`,
    "GATEWAY_HOST",
  );

const ownSettings = {
  name: serverNameSetting("GATEWAY_NAME", "Name of the gateway in the list of servers.", "gateway-1"),
  host: textSetting("GATEWAY_HOST", "Address on which the gateway listens for clients, on all its ports.", {
    fallback: "127.0.0.1",
  }),
  mapPort: portSetting(
    "GATEWAY_MAP_PORT",
    "Port of the gateway on which clients of map-servers connect. 0 picks a free port.",
    7400,
    "GATEWAY_HOST",
  ),
  charPort: optionalPortSetting(
    "GATEWAY_CHAR_PORT",
    "Port of the gateway on which clients of the char-server connect. 0 picks a free port; empty opens none.",
    "GATEWAY_HOST",
  ),
  loginPort: optionalPortSetting(
    "GATEWAY_LOGIN_PORT",
    "Port of the gateway on which clients of login-servers connect. 0 picks a free port; empty opens none.",
    "GATEWAY_HOST",
  ),
  mapWsPort: webSocketPort("MAP"),
  charWsPort: webSocketPort("CHAR"),
  loginWsPort: webSocketPort("LOGIN"),
  wsOrigins: originsSetting(
    "GATEWAY_WS_ORIGINS",
    "Origins of the web pages that are allowed to connect to the gateway over WebSocket. Empty allows pages from loopback and from GATEWAY_HOST.",
  ),
  sendProxy: flagSetting(
    "GATEWAY_SEND_PROXY",
    "Whether the gateway sends a PROXY header, which tells a server the address of the client. PROXY_FROM of each server then has to list the gateway.",
    true,
  ),
  clientsMax: countSetting(
    "GATEWAY_CLIENTS_MAX",
    "Maximum number of open client connections on all ports of the gateway together. The gateway closes further ones.",
    bounds.clientsMax,
    1,
    many,
  ),
  clientsPerAddressMax: countSetting(
    "GATEWAY_CLIENTS_PER_ADDRESS_MAX",
    "Maximum number of open client connections from one address. The gateway closes further ones.",
    bounds.clientsPerAddressMax,
    1,
    many,
  ),
  handshakeMs: countSetting(
    "GATEWAY_HANDSHAKE_MS",
    "Milliseconds in which a client that connects to the gateway has to complete the TLS handshake and the upgrade to WebSocket.",
    5_000,
    100,
    minute,
  ),
  firstCommandMs: countSetting(
    "GATEWAY_FIRST_PACKET_MS",
    "Milliseconds in which a client has to name its account and the gateway has to connect it to a server. This time begins when the client is connected and any TLS handshake and WebSocket upgrade are complete. When it is over, the gateway disconnects the client.",
    bounds.firstCommandMs,
    100,
    10 * minute,
  ),
  newcomersMax: countSetting(
    "GATEWAY_NEWCOMERS_MAX",
    "Maximum number of new connections from clients. A connection is new until the gateway has connected the client to a server. If there is one more, the gateway looks for the address with the most new connections, and closes the oldest of these.",
    bounds.newcomersMax,
    1,
    many,
  ),
  newcomersPerAddressMax: countSetting(
    "GATEWAY_NEWCOMERS_PER_ADDRESS_MAX",
    "Maximum number of new connections from one address. A connection is new until the gateway has connected the client to a server. If one more is opened, the gateway closes the oldest new connection of this address.",
    bounds.newcomersPerAddressMax,
    1,
    many,
  ),
  connectMs: countSetting(
    "GATEWAY_CONNECT_MS",
    "Milliseconds in which a server has to accept a connection of the gateway. If it does not, the gateway tries another server.",
    2_000,
    50,
    minute,
  ),
  unreachedMs: countSetting(
    "GATEWAY_UNREACHED_MS",
    "Milliseconds for which a client waits while its server cannot be reached or is not known. Then the gateway connects the client to another server. That server refuses the client and tells it why.",
    3_000,
    0,
    minute,
  ),
  goneMs: countSetting(
    "GATEWAY_GONE_MS",
    "Milliseconds for which a server that has left the list of servers can be silent. Then the gateway closes the connections of this server's clients.",
    30_000,
    1_000,
    10 * minute,
  ),
  unreadMs: countSetting(
    "GATEWAY_UNREAD_MS",
    "Milliseconds for which a client can read nothing while bytes wait for it. Then the gateway disconnects the client.",
    2 * bounds.unreadMs,
    100,
    10 * minute,
  ),
  drainMs: countSetting(
    "GATEWAY_DRAIN_WITHIN_MS",
    "Milliseconds for which connections can stay open after SIGTERM, while the gateway accepts no new ones. 0 closes them all at once.",
    0,
    0,
    24 * 60 * minute,
  ),
  waitingBytesMax: countSetting(
    "GATEWAY_WAITING_BYTES",
    "Maximum number of bytes that the gateway keeps in each direction of a connection until the receiver reads them. While more bytes wait, the gateway does not read from the sender.",
    64 << 10,
    64 << 10,
    1 << 30,
  ),
};

/**
 * These settings apply to native clients. `gatewayRagnarokSettings` has the settings for Ragnarok clients.
 */
export const gatewaySettings = {
  ...about("gateway", ownSettings),
  ...about("game", { world: worldName }),
  isProxy: proxiesSetting,
};
