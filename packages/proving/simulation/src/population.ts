import { KnownPasswords } from "@sallyport/bots";
import { type CharId, Fence, type Sex } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import { cheapHasher } from "./cheap-passwords.ts";
import type { Fact } from "./facts.ts";
import type { SimulatedStores } from "./simulated-stores.ts";
import type { WorldName } from "./topology.ts";

export interface SimulatedAccount {
  readonly accountId: number;
  readonly name: string;
  readonly passwords: KnownPasswords;
  readonly sex: Sex;
  readonly charIds: { readonly [W in WorldName]: readonly CharId[] };
}

/**
 * Writes accounts to the stores without using the servers. In each world, an account has a character on each
 * of the two maps. No game has written its attributes, so the game has to migrate them.
 */
export async function populate(
  stores: SimulatedStores,
  random: Random,
  {
    accounts: count,
    worlds,
    see,
  }: {
    readonly accounts: number;
    readonly worlds: readonly WorldName[];
    readonly see: (fact: Fact) => void;
  },
): Promise<readonly SimulatedAccount[]> {
  const { accounts, characters } = stores.sound.database;
  const hasher = cheapHasher((bytes) => random.bytes(bytes));
  const made: SimulatedAccount[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `account_${index}`;
    const password = `password ${index}`;
    const sex = index % 2 === 0 ? "female" : "male";
    const credential = must(await hasher.createCredential(password));
    const { accountId } = must(await accounts.create({ name, sex, credential }));
    see({ type: "password-stored", accountId, credential });
    const { fence: accountFence } = must(await accounts.raiseFence(accountId));
    const charIds: { [W in WorldName]: CharId[] } = { Alpha: [], Beta: [] };
    for (const world of worlds) {
      for (const [slot, map] of ["north", "south"].entries()) {
        const position = { map, x: 2 + (index % 3), y: 2 };
        const of = { accountId, accountFence: Fence(accountFence), world };
        const wish = { ...of, slot, name: `c${index}_${slot}`, position };
        const { charId, fence: charFence } = must(await characters.create(wish));
        const owner = "nobody";
        const { fence } = must(await characters.take({ ...of, charId, charFence, owner }));
        must(
          await characters.save({
            ...{ charId, fence, owner, world },
            saveNumber: 1,
            state: { position, attributes: { steps: 0 } },
          }),
        );
        charIds[world].push(charId);
      }
    }
    made.push({ accountId, name, passwords: new KnownPasswords(password), sex, charIds });
  }
  return made;
}

function must<T>(
  outcome: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: string },
): T {
  if (!outcome.ok) throw new Error(outcome.refusal);
  return outcome.value;
}
