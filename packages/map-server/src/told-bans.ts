import type { charToMap } from "@sallyport/cluster-protocol";
import type { NetworkBan } from "@sallyport/domain";
import { BanList } from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";

type Changed = Pick<MessageOf<typeof charToMap, "bans.changed">, "bans" | "isFirst" | "isLast">;

/** The bans of networks and devices, as the char-server tells them. While the link is down, they still hold. */
export class ToldBans {
  readonly list: BanList;
  /** The pages so far of all bans that hold. Null: no such pages are coming. */
  #pages: NetworkBan[] | null = null;

  constructor(wallMs: () => number) {
    this.list = new BanList(wallMs);
  }

  learn({ bans, isFirst, isLast }: Changed): void {
    if (isFirst) this.#pages = [];
    if (this.#pages === null) return this.list.learn(bans);
    this.#pages.push(...bans);
    if (!isLast) return;
    this.list.replace(this.#pages);
    this.#pages = null;
  }
}
