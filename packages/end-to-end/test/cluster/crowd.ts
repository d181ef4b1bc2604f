import { createPasswordHasher } from "@sallyport/database";
import { CharId, type Position } from "@sallyport/domain";
import { spawn, type TestAccount, type TestCluster } from "./test-cluster.ts";

const password = "correct horse";

/** Accounts with a character each, made without the servers. All have one credential, so that one hash serves all. */
export async function crowd(
  cluster: TestCluster,
  count: number,
  { map, x, y }: Position = spawn,
): Promise<readonly TestAccount[]> {
  const parameters = { memoryKib: 8_192, iterations: 1, parallelism: 1 };
  const credential = await createPasswordHasher({ parameters }).createCredential(password);
  if (!credential.ok) throw new Error(credential.refusal);
  const names = Array.from({ length: count }, (_, index) => `crowd_${index}`);
  await Promise.all(
    names.map((name) => cluster.accounts.create({ name, sex: "male", credential: credential.value })),
  );
  await cluster.database.query(
    {
      name: "crowd-characters",
      text: `INSERT INTO characters (account_id, world, slot, name, map, x, y)
        SELECT id, 'Alpha', 0, name, $1, $2, $3 FROM accounts WHERE name LIKE 'crowd%'`,
    },
    [map, x, y],
  );
  return names.map((name) => ({ name, password }));
}

/** One more character of an account. Its name is free to be guessed: the account's, and the slot. */
export async function addCharacter(
  cluster: TestCluster,
  { name }: TestAccount,
  { slot, position }: { readonly slot: number; readonly position: Position },
): Promise<CharId> {
  const [row] = await cluster.database.query<{ id: string }>(
    {
      name: "crowd-add-character",
      text: `INSERT INTO characters (account_id, world, slot, name, map, x, y)
        SELECT id, 'Alpha', $2::integer, name || '_' || $2::integer, $3, $4, $5 FROM accounts WHERE name = $1 RETURNING id`,
    },
    [name, slot, position.map, position.x, position.y],
  );
  return CharId(Number(row?.id));
}

/** Calls for each of them, so many at a time. */
export async function each<T>(
  all: readonly T[],
  atOnce: number,
  run: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values();
  const worker = async (): Promise<void> => {
    for (const one of waiting) await run(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
