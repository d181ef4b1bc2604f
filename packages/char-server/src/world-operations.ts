import type { CharacterStore, Trail } from "@sallyport/database";
import type { LockTiming } from "@sallyport/lock-core";
import { type Host, usualRoleOrders, waits } from "@sallyport/server-kit";
import { AccountOperations } from "./account-operations.ts";
import type { AccountOwners } from "./account-owners.ts";
import { Announcements } from "./announcements.ts";
import { CharacterChanges } from "./character-changes.ts";
import type { CharacterLocks } from "./character-locks.ts";
import type { WorldRules } from "./client-visit.ts";
import type { LoginLink } from "./login-link.ts";
import type { MapHosting } from "./map-hosting.ts";
import { PlayerOrders, type PlayerOrdersDeps } from "./player-orders.ts";

/** What operators and gamemasters do in this world. */
export interface WorldOperations {
  readonly operations: AccountOperations;
  readonly changes: CharacterChanges;
  readonly playerOrders: PlayerOrders;
  readonly announcements: Announcements;
}

export interface WorldOperationsDeps {
  readonly accounts: AccountOwners;
  readonly characters: CharacterStore;
  readonly hosting: MapHosting;
  readonly locks: CharacterLocks;
  readonly login: LoginLink;
  readonly mute: PlayerOrdersDeps["mute"];
  readonly rules: Pick<WorldRules, "names" | "roleOrders">;
  readonly timing: LockTiming;
  readonly trail: Trail;
  readonly world: string;
}

export function createWorldOperations(host: Host, deps: WorldOperationsDeps): WorldOperations {
  const { accounts, characters, hosting, locks, login, mute, rules, timing, trail, world } = deps;
  const { names, roleOrders = usualRoleOrders } = rules;
  const announcements = new Announcements(hosting);
  const withinMs = timing.evictMs + waits.sweepMs + waits.askMs;
  const operations = new AccountOperations(host, { accounts, login, withinMs });
  return {
    operations,
    changes: new CharacterChanges({ operations, characters, names, hosting, world }),
    playerOrders: new PlayerOrders(host, {
      ...{ characters, hosting, locks, login, mute, roleOrders, trail, world, announcements },
    }),
    announcements,
  };
}
