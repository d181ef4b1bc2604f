import { createHmac } from "node:crypto";
import { aSeriesLoginDoor } from "@sallyport/dialects/a-series";
import { about, countSetting, optionalPortSetting, type SettingValues } from "@sallyport/server-kit";

/* The door for A-series clients, in addition to the native login door. Their protocol has no TLS. */

const usualPort = 33_600;

export const aSeriesSettings = about("a-series", {
  aSeriesPort: optionalPortSetting(
    "A_SERIES_PORT",
    `Port on which A-series clients connect to the login-server, usually ${usualPort}. 0 picks a free port; empty opens none.`,
    "LOGIN_HOST",
  ),
  aSeriesExchanges: countSetting(
    "A_SERIES_EXCHANGES",
    "Maximum number of requests of an A-series client that are answered on one connection. Then the server closes it.",
    1,
    1,
    1_000_000,
  ),
});

export const gatewayASeriesSettings = about("a-series", {
  loginASeriesPort: optionalPortSetting(
    "GATEWAY_A_SERIES_PORT",
    `Port of the gateway on which A-series clients of login-servers connect, usually ${usualPort}. 0 picks a free port; empty opens none.`,
    "GATEWAY_HOST",
  ),
});

/** The settings that `--all-doors` chooses. */
export const aSeriesPreset = { A_SERIES_PORT: String(usualPort) } as const;

export const aSeriesPlace = (
  { aSeriesPort, aSeriesExchanges }: SettingValues<typeof aSeriesSettings>,
  clusterSecret: Uint8Array,
) => ({
  port: aSeriesPort,
  dialect: aSeriesLoginDoor({
    exchangesMax: aSeriesExchanges,
    // The secret has other uses too. With this label, no MAC of another use is a check of an authentication id.
    mac: (of) => createHmac("sha256", clusterSecret).update("authentication id ").update(of).digest(),
  }),
});
