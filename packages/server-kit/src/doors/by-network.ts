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
 * A setting with a usual value, followed by pairs of a network and its value:
 * `play.example.org,192.168.0.0/16=192.168.1.10`. If several networks contain an address, the value of the
 * smallest network is used. If the usual value is absent, the default of the setting is used instead.
 */
export const byNetwork = <T>(of: Setting<T>): Setting<ByNetwork<T>> => ({
  ...of,
  doc: `${of.doc} To give clients of one network another value, append the network and the value: value,192.168.0.0/16=other.`,
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

/** Maximum number of networks in one setting. Messages between servers have no room for more. */
const nearMax = 12;

/** Returns the value of a setting for the clients of one network, or for all other clients. */
export type Picked = <T>(of: ByNetwork<T>) => T;

const usually: Picked = ({ usual }) => usual;
const near =
  (network: string): Picked =>
  (of) => {
    const found = nearestOf(of.near.filter(isAround(network)), network.split("/")[0] ?? "");
    return found === null ? of.usual : found.value;
  };

/**
 * Whether `network` is as large as `inner` or larger. `nearestOf` checks that `network` contains the address.
 */
const isAround =
  (inner: string) =>
  ({ network }: { readonly network: string }): boolean =>
    (ipNetwork(network)?.bits ?? 129) <= (ipNetwork(inner)?.bits ?? 0);

/**
 * Returns each network for which a setting has a value of its own. In the result, a null network stands for
 * all other addresses.
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

/** `doorAt` returns the address to which the clients of a network are sent. */
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
