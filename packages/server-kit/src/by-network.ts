import type { DoorAddress, PublicAddress } from "@sallyport/domain";
import { hostOf, ipNetwork, nearestOf } from "@sallyport/link";
import type { Setting } from "./settings.ts";

/** What holds for clients of one network, where that is not what holds for all. */
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
 * The same setting, followed by pairs of a network and what holds there: `play.example.org,192.168.0.0/16=192.168.1.10`.
 * Of several networks that have an address the smallest counts. With pairs alone the fallback holds for all others.
 */
export const byNetwork = <T>(of: Setting<T>): Setting<ByNetwork<T>> => ({
  ...of,
  doc: `${of.doc} Clients of some networks may have values of their own, added with commas: value,192.168.0.0/16=other.`,
  parse(text) {
    const parts = text.split(betweenPairs).map((part) => part.trim());
    const usual = pair.test(parts[0] ?? "") ? of.parse(of.fallback ?? "") : of.parse(parts.shift() ?? "");
    if (!usual.ok) return usual;
    const near: Near<T>[] = [];
    for (const part of parts) {
      const [, network = "", given = ""] = pair.exec(part) ?? [];
      const parsed = of.parse(given);
      if (ipNetwork(network) === null) return { ok: false, problem: `${network} is no network` };
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

/** Of one setting. What a server announces has room for those of all. */
const nearMax = 12;

/** Of several such settings what holds at one place. */
export type Picked = <T>(of: ByNetwork<T>) => T;

const usually: Picked = ({ usual }) => usual;
const near =
  (network: string): Picked =>
  (of) => {
    const found = nearestOf(of.near.filter(isAround(network)), network.split("/")[0] ?? "");
    return found === null ? of.usual : found.value;
  };

/** Whether one network has all of another. */
const isAround =
  (inner: string) =>
  ({ network }: { readonly network: string }): boolean =>
    (ipNetwork(network)?.bits ?? 129) <= (ipNetwork(inner)?.bits ?? 0);

/** All places that these settings tell apart; null: everywhere else. */
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

/** `doorAt`: where clients are sent from a place. */
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

/** Where a client is sent that comes from `remote`, host:port. */
export function doorFor({ near, ...usual }: PublicAddress, remote: string): DoorAddress {
  const { host, port, wsUrl, otherDoors } = nearestOf(near, hostOf(remote)) ?? usual;
  return { host, port, wsUrl, otherDoors };
}
