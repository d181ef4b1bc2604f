import { createPasswordHasher } from "@sallyport/authentication";
import { CharId, type Position } from "@sallyport/domain";
import { loadMaps } from "@sallyport/map-files";
import { sampleMapsFolder } from "@sallyport/map-server";
import { cellKinds } from "@sallyport/map-world";
import { spawn, type TestAccount, type TestCluster } from "./test-cluster.ts";
import { warps } from "./walker.ts";

const password = "correct horse";

/**
 * Creates accounts with one character each, without the servers. All accounts have the same password, so that
 * one hash is enough. The characters take the `places` in turn.
 */
export async function crowd(
  cluster: TestCluster,
  count: number,
  ...places: readonly Position[]
): Promise<readonly TestAccount[]> {
  const parameters = { memoryKib: 8_192, iterations: 1, parallelism: 1 };
  const credential = await createPasswordHasher({ parameters }).createCredential(password);
  if (!credential.ok) throw new Error(credential.refusal);
  const names = Array.from({ length: count }, (_, index) => `crowd_${index}`);
  const at = names.map((_, index) => places[index % places.length] ?? spawn);
  await Promise.all(
    names.map((name) => cluster.accounts.create({ name, sex: "male", credential: credential.value })),
  );
  await cluster.database.query(
    {
      name: "crowd-characters",
      text: `INSERT INTO characters (account_id, world, slot, name, map, x, y)
        SELECT id, 'Alpha', 0, name, map, x, y
        FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS places (name, map, x, y)
        JOIN accounts USING (name)`,
    },
    [names, at.map(({ map }) => map), at.map(({ x }) => x), at.map(({ y }) => y)],
  );
  return names.map((name) => ({ name, password }));
}

/**
 * Returns places far apart on the maps that walkers know. If many clients stood on one cell, each would get
 * messages about all others. These messages would take most of the time.
 */
export async function wideApart(count: number): Promise<readonly Position[]> {
  const maps = [...(await loadMaps(sampleMapsFolder)).values()].filter(({ name }) => name in warps);
  const floor = maps.flatMap(({ name, cells, width, height }) => {
    const isFloor = (x: number, y: number): boolean => cells[y * width + x] === cellKinds.floor;
    const columns = Array.from({ length: width * (height >> 2) }, (_, index) => {
      const [x, top] = [index % width, Math.floor(index / width) * 4];
      return [0, 1, 2, 3].map((row) => ({ map: name, x, y: top + row }));
    });
    // Keep runs of four floor cells, so that a walker can go back and forth on each run.
    return columns.filter((cells) => cells.every(({ x, y }) => isFloor(x, y))).flat();
  });
  return Array.from(
    { length: count },
    (_, index) => floor[Math.floor((index * floor.length) / count)] as Position,
  );
}

/**
 * Adds a character to an account. The character's name is the name of the account followed by the slot, so
 * tests know it in advance.
 */
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
