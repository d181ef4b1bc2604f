import { checkPublicHost, type Environment, readSettings, type Setting } from "@sallyport/server-kit";
import { checkRagnarokIp } from "./ragnarok-doors.ts";

interface PublicPlaceSettings {
  readonly host: Setting<string>;
  readonly publicHost: Setting<string | null>;
  readonly ragnarokIp: Setting<string | null>;
  readonly ragnarokPort: Setting<number | null>;
}

/** Whether clients can be sent there. To be read together with a server's own settings. */
export function publicChecks(
  tier: "CHAR" | "MAP",
  { host, publicHost, ragnarokIp, ragnarokPort }: PublicPlaceSettings,
  environment: Environment,
) {
  return {
    publicHost: () => checkPublicHost(tier, readSettings({ host, publicHost }, environment)),
    ragnarokIp: () =>
      checkRagnarokIp(tier, readSettings({ host, publicHost, ragnarokIp, ragnarokPort }, environment)),
  };
}
