import type { PublicAddress } from "@sallyport/domain";
import {
  addressByNetwork,
  type ByNetwork,
  checkPublicHost,
  type Environment,
  publicAddress,
  readSettings,
  type Setting,
} from "@sallyport/server-kit";
import type { OpenDoors } from "./doors.ts";
import { checkRagnarokIp, ragnarokAddress } from "./ragnarok-doors.ts";

/**
 * The addresses to which servers send clients. They can differ by dialect and by the network of the client.
 */

interface PublicPlaceSettings {
  readonly host: Setting<string>;
  readonly publicHost: Setting<ByNetwork<string | null>>;
  readonly ragnarokIp: Setting<ByNetwork<string | null>>;
  readonly ragnarokPort: Setting<number | null>;
}

/** Returns readers for `readTogether`. They check that servers can send clients to these addresses. */
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

interface PublicPlace {
  readonly host: string;
  readonly publicHost: ByNetwork<string | null>;
  readonly publicPort: ByNetwork<number>;
  readonly publicWsUrl: ByNetwork<string | null>;
  readonly ragnarokIp: ByNetwork<string | null>;
  readonly ragnarokPublicPort: ByNetwork<number>;
}

export function publicAddressOf(
  { host, publicHost, publicPort, publicWsUrl, ragnarokIp, ragnarokPublicPort }: PublicPlace,
  { native, ragnarok }: OpenDoors,
): PublicAddress {
  const settings = [publicHost, publicPort, publicWsUrl, ragnarokIp, ragnarokPublicPort];
  return addressByNetwork(settings, (pick) => {
    const place = {
      ...{ host, publicHost: pick(publicHost), publicPort: pick(publicPort) },
      ...{ publicWsUrl: pick(publicWsUrl), ragnarokIp: pick(ragnarokIp) },
      ragnarokPublicPort: pick(ragnarokPublicPort),
    };
    return { ...publicAddress(place, native), otherDoors: ragnarokAddress(place, ragnarok) };
  });
}
