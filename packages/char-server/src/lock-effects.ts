import { kickFrom, toldFields } from "@sallyport/cluster-protocol";
import type { AccountId, CharId, Fence, Kick } from "@sallyport/domain";
import type { CharacterEffect } from "@sallyport/lock-core";
import { type Host, waits } from "@sallyport/server-kit";
import type { AccountOwners } from "./account-owners.ts";
import { loginIdOf } from "./character-locks.ts";
import type { MapHosting } from "./map-hosting.ts";

interface Told {
  readonly accounts: Pick<AccountOwners, "freed" | "kickClient" | "traceOf">;
  readonly hosting: MapHosting;
}

/**
 * Carries out one effect of a change to a character lock: notifies the owner of the lock, disconnects the
 * client, or releases the account lock.
 */
export async function carryOut(
  { log }: Pick<Host, "log">,
  { accounts, hosting }: Told,
  { accountId, effect, kick }: { accountId: AccountId; effect: CharacterEffect; kick: Kick },
): Promise<void> {
  switch (effect.type) {
    case "release-account":
      return accounts.freed({ accountId, loginId1: loginIdOf(effect) });
    case "kick-client":
      return accounts.kickClient({ accountId, loginId1: loginIdOf(effect) }, kick);
    case "kick":
    case "lost": {
      const link = hosting.linkOf(effect.owner.incarnation);
      const { charId, owner } = effect;
      // The lock knows better why its owner has to leave: the kick may be sent again, long after.
      const told = effect.type === "kick" && effect.told !== undefined ? effect.told : kick;
      const { reason } = told;
      const about = { trace: accounts.traceOf(accountId), accountId, charId, peer: owner.server, reason };
      log.info(
        about,
        effect.type === "kick"
          ? "asked a map-server to release a character"
          : "told a map-server that it lost a lock",
      );
      const of = {
        accountId,
        charId: effect.charId as CharId,
        charFence: effect.charFence as Fence,
        ...toldFields(kickFrom({ reason: "lock-lost", told })),
      };
      if (effect.type === "lost") return link?.notify({ type: "character.forget", ...of });
      // Do not wait for the answer: the login that caused the kick tries again, or waits for the lock.
      void link?.ask({ type: "character.kick", ...of }, waits.kickMs);
    }
  }
}
