import type { CharId } from "@sallyport/domain";
import type { CharacterSelect } from "@sallyport/sdk";
import type { SimulatedClient } from "./client-program.ts";
import type { SimulatedAccount } from "./population.ts";
import type { Random } from "./random.ts";

/* What clients make and delete, where they do: accounts at the login door, characters at character select. */

/** Fewer than clients, and one that nobody may have: so that they meet. */
const accountNames = ["new_one", "new_two", "new_three", "account_0", "no"];
const characterNames = ["Tamsin", "Corvin", "c0_0", "x!"];
/** The last one is not there. */
const slots = [0, 1, 2, 2, 3];

const nobody = { charId: 1 as CharId };

/** Null: as whom it came before it goes on. */
export async function register(self: SimulatedClient, random: Random): Promise<SimulatedAccount | null> {
  const name = random.pick(accountNames);
  const password = random.chance(0.1) ? "short" : `password of ${name}`;
  const sex = random.pick(["female", "male"] as const);
  const account = { accountId: 0, name, password, sex, charIds: { Alpha: [], Beta: [] } };
  const registered = await self.register(account);
  // Where nobody can say whether it was made, it is tried as what it would be.
  return registered.ok || registered.refusal === "unavailable" ? account : null;
}

/** Gives the one that was to be deleted, and may be there still: what chooses it now comes before what deletes it. */
export async function edit(
  self: SimulatedClient,
  select: CharacterSelect,
  random: Random,
): Promise<CharId | null> {
  const what = random.weighted({ nothing: 3, create: 2, delete: 3 });
  const { characters } = select;
  if (what === "create" || (what === "delete" && characters.length === 0)) {
    const wish = { slot: random.pick(slots), name: random.pick(characterNames) };
    const created = await self.create(select, wish);
    // Again, for the answer may be that nobody knows.
    if (!created.ok && created.refusal === "unavailable" && select.isOpen) await self.create(select, wish);
    return null;
  }
  if (what === "nothing") return null;
  const { charId } = random.chance(0.05) ? nobody : random.pick(characters);
  const deleted = await self.delete(select, charId);
  if (!deleted.ok && random.chance(0.4) && select.isOpen) {
    await self.pause(random.chance(0.5) ? 0 : (deleted.retryAfterMs ?? 0));
    await self.delete(select, charId);
  }
  return random.chance(0.7) ? charId : null;
}
