import { nameOf } from "../disturbances.ts";
import { livesOf, type StoredLock } from "../facts.ts";
import { isChar, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

const onMap = /^(entering|playing|hopping|evicting)$/;

/** A char-server that goes for good, and gives up its accounts, leaves nobody behind on a map-server. */
export class LeavesNobody implements Checker {
  readonly name = "leaves-nobody";
  /** By tier and key. */
  readonly #locks = new Map<string, StoredLock>();

  readonly rules: Rules = {
    "locks-lost": ({ tier, locks }) => {
      for (const key of this.#locks.keys()) if (key.startsWith(`${tier} `)) this.#locks.delete(key);
      for (const [key, lock] of locks) this.#locks.set(`${tier} ${key}`, lock);
      return null;
    },
    "lock-changed": ({ tier, key, after }) => {
      if (after === null) this.#locks.delete(`${tier} ${key}`);
      else this.#locks.set(`${tier} ${key}`, after);
      return null;
    },
    said: (said) =>
      said.message.type === "link.leave" && isChar(nameOf(said.life)) ? this.#judge(said) : null,
  };

  #judge({ life }: FactOf<"said">): string | null {
    const world = worldOf(nameOf(life)) ?? "";
    for (const [key, lock] of this.#locks) {
      if (!key.startsWith(`${world} character:`) || !onMap.test(lock.state)) continue;
      const { server, incarnation = "" } = lock.owner ?? {};
      const linked = this.#locks.get(`${world} server:${server}`);
      const account = this.#locks.get(`login account:${key.split(":")[1]}`);
      const isIts = account?.owner?.server === nameOf(life) && account.loginId1 === lock.loginId1;
      // A char-server whose hold ran out has asked everybody to leave, and takes back no account when it
      // links again: those of its earlier lives end with it, or a little later by a timer.
      const { incarnation: linkedAs } = this.#locks.get(`login server:${nameOf(life)}`) ?? {};
      if (lock.state === "evicting" && account?.owner?.incarnation !== linkedAs) continue;
      if (isIts && livesOf(linked ?? null).includes(incarnation))
        return `${life} goes for good, and ${server} still has somebody: ${JSON.stringify(lock)}`;
    }
    return null;
  }
}
