import { accountLockKey, serverLockKey } from "@sallyport/lock-core";
import { nameOf } from "../disturbances.ts";
import { incarnationsOf } from "../facts.ts";
import { isChar, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

const onMap = /^(entering|playing|hopping|evicting)$/;

/**
 * If a char-server stops for good and gives up its accounts, no map-server still has players of these
 * accounts.
 */
export class LeavesNobody implements Checker {
  readonly name = "leaves-nobody";
  readonly #locks: KnownLocks;

  constructor(locks: KnownLocks) {
    this.#locks = locks;
  }

  readonly rules: Rules = {
    said: (said) =>
      said.message.type === "link.leave" && isChar(nameOf(said.life)) ? this.#judge(said) : null,
  };

  #judge({ life }: FactOf<"said">): string | null {
    const world = worldOf(nameOf(life));
    for (const [accountId, lock] of this.#locks.ofKind(world, "character")) {
      if (!onMap.test(lock.state)) continue;
      const { server = "", incarnation = "" } = lock.owner ?? {};
      const linked = this.#locks.of(world, serverLockKey(server));
      const account = this.#locks.of("login", accountLockKey(Number(accountId)));
      const isIts = account?.owner?.server === nameOf(life) && account.loginId1 === lock.loginId1;
      // If a char-server waited too long for its link, it has asked all players to leave. When it links
      // again, it does not reclaim their accounts. Those accounts are freed when the earlier incarnations of
      // the char-server end, or a little later by a timer.
      const { incarnation: linkedAs } = this.#locks.of("login", serverLockKey(nameOf(life))) ?? {};
      if (lock.state === "evicting" && account?.owner?.incarnation !== linkedAs) continue;
      if (isIts && incarnationsOf(linked ?? null).includes(incarnation))
        return `${life} left for good, but ${server} still has a player: ${JSON.stringify(lock)}`;
    }
    return null;
  }
}
