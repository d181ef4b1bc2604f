import type { DoorAddress, PublicAddress } from "@sallyport/domain";
import { hostOf, ipNetwork, nearestOf } from "@sallyport/link/addresses";
import type { Setting } from "../settings/settings.ts";

interface Near<T> {
  readonly network: string;
  readonly value: T;
}

export interface ByNetwork<T> {
  readonly usual: T;
  readonly near: readonly Near<T>[];
}

const pair = /^([\da-f:.]+(?:\/\d{1,3})?)=(.*)$/is;
const betweenPairs = /,(?=\s*[\da-f:.]+(?:\/\d{1,3})?=)/i;

/**
 * A setting with one value for most clients, and other values for the clients of some networks:
 * `play.example.org,192.168.0.0/16=192.168.1.10`. If several networks contain an address, the smallest
 * network decides. If the text has only networks, all other clients get the default of the setting.
 */
export const byNetwork = <T>(of: Setting<T>, example: string): Setting<ByNetwork<T>> => ({
  ...of,
  doc: `${of.doc} Clients of a network can get a different value. For example, with ${example} the clients in 192.168.0.0/16 get the second value, and all others get the first.`,
  parse(text) {
    const parts = text.split(betweenPairs).map((part) => part.trim());
    const usual = pair.test(parts[0] ?? "") ? of.parse(of.fallback ?? "") : of.parse(parts.shift() ?? "");
    if (!usual.ok) return usual;
    const near: Near<T>[] = [];
    for (const part of parts) {
      const [, network = "", given = ""] = pair.exec(part) ?? [];
      const parsed = of.parse(given);
      if (ipNetwork(network) === null) return { ok: false, problem: `${network} is not a network` };
      if (!parsed.ok) {
        const what =
          "problem" in parsed ? parsed.problem : `${JSON.stringify(given)} is not ${parsed.expected}`;
        return { ok: false, problem: `for ${network}: ${what}` };
      }
      near.push({ network, value: parsed.value });
    }
    if (near.length > nearMax) return { ok: false, problem: `more than ${nearMax} networks` };
    return { ok: true, value: { usual: usual.value, near } };
  },
});

/** Maximum number of networks in one setting. Messages between servers have no room for more networks. */
const nearMax = 12;

/** Picks the value of a setting for the clients of one network, or for all other clients. */
export type Picked = <T>(of: ByNetwork<T>) => T;

const usually: Picked = ({ usual }) => usual;
const near =
  (network: string): Picked =>
  (of) => {
    const found = nearestOf(of.near.filter(isAround(network)), network.split("/")[0] ?? "");
    return found === null ? of.usual : found.value;
  };

/**
 * True if `network` is as large as `inner` or larger. `nearestOf` checks that `network` contains the address.
 */
const isAround =
  (inner: string) =>
  ({ network }: { readonly network: string }): boolean =>
    (ipNetwork(network)?.bits ?? 129) <= (ipNetwork(inner)?.bits ?? 0);

/**
 * Returns each network for which a setting has its own value. A null network stands for all other addresses.
 */
export function placesOf(settings: readonly ByNetwork<unknown>[]): readonly {
  readonly network: string | null;
  readonly pick: Picked;
}[] {
  const networks = new Set(settings.flatMap((each) => each.near.map(({ network }) => network)));
  return [
    { network: null, pick: usually },
    ...[...networks].map((network) => ({ network, pick: near(network) })),
  ];
}

/**
 * Returns the address of a door for all clients and for each network. `doorAt` computes one of these
 * addresses.
 */
export function addressByNetwork(
  settings: readonly ByNetwork<unknown>[],
  doorAt: (pick: Picked) => DoorAddress,
): PublicAddress {
  const doors = placesOf(settings).map(({ network, pick }) => ({ network, door: doorAt(pick) }));
  return {
    ...doorAt(usually),
    near: doors.flatMap(({ network, door }) => (network === null ? [] : [{ network, ...door }])),
  };
}

/** Returns the address to which a client from `remote` (`host:port`) is sent. */
export function doorFor({ near, ...usual }: PublicAddress, remote: string): DoorAddress {
  const { host, port, wsUrl, otherDoors } = nearestOf(near, hostOf(remote)) ?? usual;
  return { host, port, wsUrl, otherDoors };
}
