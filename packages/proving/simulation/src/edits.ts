import { KnownPasswords } from "@sallyport/bots";
import type { CharId } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { CharacterSelect } from "@sallyport/sdk";
import type { SimulatedAccount } from "./population.ts";
import type { SimulatedClient } from "./simulated-client.ts";

/* Clients create accounts at the login door, and create and delete characters at character select. */

/** There are fewer names than clients, so several clients request the same name. The last name is invalid. */
const accountNames = ["new_one", "new_two", "new_three", "account_0", "no"];
const characterNames = ["Tamsin", "Corvin", "c0_0", "x!"];
/** The slot 3 does not exist. */
const slots = [0, 1, 2, 2, 3];

const nobody = { charId: 1 as CharId };

/**
 * Registers an account. Returns the new account of the client, or null if the client keeps its old account.
 */
export async function register(self: SimulatedClient, random: Random): Promise<SimulatedAccount | null> {
  const name = random.pick(accountNames);
  const password = random.chance(0.1) ? "short" : `password of ${name}`;
  const sex = random.pick(["female", "male"] as const);
  const passwords = new KnownPasswords(password);
  const account = { accountId: 0, name, passwords, sex, charIds: { Alpha: [], Beta: [] } };
  const registered = await self.register(account);
  // If the answer is `unavailable`, the account may exist. The client then tries to use it.
  return registered.ok || registered.refusal === "unavailable" ? account : null;
}

/**
 * Creates or deletes a character. Returns the character that the client wants to delete, or null. That
 * character may still exist. A later choice of the character then competes with the deletion.
 */
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
    // After `unavailable` the client does not know whether the character exists, so it asks again.
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
