import { BlockList } from "node:net";
import type { Kick, NetworkBan } from "@sallyport/domain";
import { asIpv6, hostOf, ipAddress, ipNetwork, nearestOf } from "@sallyport/link/addresses";

/** Answers whether an address or a device is banned, from a copy of the bans in this process. */
export class BanList {
  readonly #wallMs: () => number;
  readonly #bans = new Map<number, NetworkBan>();
  /** All of them in IPv6 form, so that both forms of an IPv4 address are one. */
  #networks = new BlockList();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** Takes new, changed and lifted bans. */
  learn(bans: readonly NetworkBan[]): void {
    for (const ban of bans) {
      if (ban.isLifted) this.#bans.delete(ban.id);
      else this.#bans.set(ban.id, ban);
    }
    this.#rebuild();
  }

  /** Forgets all other bans. */
  replace(bans: readonly NetworkBan[]): void {
    this.#bans.clear();
    this.learn(bans);
  }

  get all(): readonly NetworkBan[] {
    return [...this.#bans.values()];
  }

  /** `remote` is `host:port`. If several bans hold, returns the one of the smallest network. */
  ofAddress(remote: string): NetworkBan | null {
    const host = hostOf(remote);
    const address = ipAddress(host);
    // Almost all clients are not banned, so this first question has to be cheap.
    if (address === null || !this.#networks.check(asIpv6(address).toString(), "ipv6")) return null;
    const held = this.#held.flatMap((ban) => (ban.network === null ? [] : [{ ban, network: ban.network }]));
    return nearestOf(held, host)?.ban ?? null;
  }

  ofDevice(device: string | null): NetworkBan | null {
    return (device !== null && this.#held.find((ban) => ban.device === device)) || null;
  }

  /** A ban that has ended cannot be taken out of the list of networks, so that list is made anew. */
  #rebuild(): void {
    const held = new Set(this.#held);
    for (const ban of this.#bans.values()) if (!held.has(ban)) this.#bans.delete(ban.id);
    this.#networks = new BlockList();
    for (const { network } of held) if (network !== null) addTo(this.#networks, network);
  }

  get #held(): readonly NetworkBan[] {
    const nowMs = this.#wallMs();
    return this.all.filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
  }
}

function addTo(list: BlockList, text: string): void {
  const network = ipNetwork(text);
  if (network !== null) list.addSubnet(network.address.toString(), network.bits, "ipv6");
}

const ipv4 = ipNetwork("0.0.0.0/0");
/** One abuser rarely has more addresses than a network of so many bits. Those of IPv4 are in IPv6 form. */
const usualBits = { ipv4: 96 + 16, ipv6: 32 };

/**
 * Whether a network is wider than /16, or /32 if it has no IPv4 addresses. Returns null if the text is neither
 * a network nor an address. `::/0` contains all IPv4 addresses.
 */
export function isWideNetwork(text: string): boolean | null {
  const network = ipNetwork(text);
  if (network === null) return null;
  const { address, bits } = network;
  const hasIpv4 = ipv4 !== null && address.match(ipv4.address, Math.min(bits, ipv4.bits));
  return bits < (hasIpv4 ? usualBits.ipv4 : usualBits.ipv6);
}

export const kickOfBan = ({ untilMs, text }: NetworkBan): Kick => ({ reason: "banned", untilMs, text });
