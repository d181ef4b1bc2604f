/**
 * Whether attackers and bots can have addresses of their own, and the gateway tells servers the addresses of
 * its clients. Only Linux has enough addresses for that.
 */
export const hasAddresses = process.platform === "linux";

/** The second byte of the addresses of bots, for each way, and of the people who talk through the front. */
export const botNets = { direct: 64, gateway: 65, front: 66 } as const;
const firstAttackNet = 67;

/** The second byte of the addresses of the attack at this place in the list of attacks. */
export const attackNet = (index: number): number => firstAttackNet + index;

/**
 * The local addresses of one attack, or of one group of bots, in 127.0.0.0/8. Attackers and bots have
 * different addresses, so limits for each address affect attackers but not bots. Only Linux allows all of
 * these addresses.
 */
export class Sources {
  readonly #net: number;
  readonly #count: number;
  #next = 0;

  /** `net` is the second byte of the addresses. It differs for each attack and each group of bots. */
  constructor(net: number, count: number) {
    this.#net = net;
    this.#count = count;
  }

  /** Returns the addresses in turn, again and again. */
  next(): { readonly localAddress?: string } {
    if (!hasAddresses) return {};
    const index = this.#next % this.#count;
    this.#next += 1;
    return { localAddress: `127.${this.#net}.${index >> 8}.${(index & 0xff) + 1}` };
  }
}
