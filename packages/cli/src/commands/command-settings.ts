import {
  doorTlsSettings,
  frontServersTlsSettings,
  linkTlsSettings,
  type Settings,
  serversTlsSettings,
  timingSettings,
} from "@sallyport/server-kit";
import { operationSettings } from "../process/operation.ts";
import { charProcessSettings } from "./run-char.ts";
import { frontProcessSettings } from "./run-front.ts";
import { gatewayProcessSettings } from "./run-gateway.ts";
import { loginProcessSettings } from "./run-login.ts";
import { mapProcessSettings } from "./run-map.ts";
import { resourceProcessSettings } from "./run-resource.ts";
import { upProcessSettings } from "./run-up.ts";

const tlsSettings = [doorTlsSettings, linkTlsSettings];

export const commandSettings = {
  up: [...Object.values(upProcessSettings), doorTlsSettings, timingSettings, operationSettings("warn")],
  login: [loginProcessSettings, ...tlsSettings, timingSettings, operationSettings("info")],
  char: [charProcessSettings, ...tlsSettings, timingSettings, operationSettings("info")],
  gateway: [gatewayProcessSettings, doorTlsSettings, serversTlsSettings, operationSettings("info")],
  front: [...frontProcessSettings, doorTlsSettings, frontServersTlsSettings, operationSettings("info")],
  resource: [resourceProcessSettings, doorTlsSettings, operationSettings("info")],
  map: [mapProcessSettings, ...tlsSettings, operationSettings("info")],
} satisfies { readonly [command: string]: readonly Settings[] };
