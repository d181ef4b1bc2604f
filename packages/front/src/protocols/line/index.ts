import { hostAndPort } from "@sallyport/link/addresses";
import { about, optionalPortSetting, portTlsSetting } from "@sallyport/server-kit";
import type { Protocol } from "../../protocol.ts";
import { protocolFolder } from "../../settings.ts";
import type { LineState } from "./state.ts";
import { lineBegins, lineTable } from "./table.ts";
import { LineCodec, type LineSaid, type LineTold } from "./telnet.ts";

const usualPort = 7_023;

/** People who type words: with `nc`, telnet or a MUD client. */
export const lineProtocol: Protocol<LineState, LineSaid, LineTold> = {
  name: "line",
  secondLogin: "takeover",
  afterLastByte: "reads-on",
  messages: { line: true, "too-long": true },
  codec: () => new LineCodec(),
  begin: lineBegins,
  table: lineTable,
  withinMs: {
    name: 60_000,
    password: 60_000,
    "new-name": 60_000,
    "new-password": 60_000,
    worlds: 120_000,
    invitation: 300_000,
  },
};

export const lineFolder = protocolFolder({
  name: lineProtocol.name,
  usualPort,
  tryWith: (at, isSecure) =>
    isSecure ? `openssl s_client -quiet -connect ${hostAndPort(at)}` : `nc ${at.host} ${at.port}`,
  settings: about("front", {
    port: optionalPortSetting(
      "LINE_PORT",
      `Port of the front on which people play by lines of text, with nc, telnet or a MUD client, usually ${usualPort}. 0 picks a free port; empty opens none.`,
      "FRONT_HOST",
    ),
    tls: portTlsSetting("LINE_TLS", "LINE_PORT"),
  }),
  serve: async (_, front, at) => front.serve(lineProtocol, at),
});
