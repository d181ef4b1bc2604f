import type { CharId, JsonObject, LoginTicket } from "@sallyport/domain";
import type { CharacterSelect, CharacterSummary, Client, EndReason, Game } from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import type { TestAccount, TestCluster } from "./test-cluster.ts";

export interface Chooser {
  readonly client: Client;
  readonly select: CharacterSelect;
  readonly character: CharacterSummary;
  /** Why the connection ended; null while it is open. */
  ended(): EndReason | null;
}

export interface Player {
  readonly client: Client;
  readonly game: Game;
  /** Why the connection ended; null while it is open. */
  ended(): EndReason | null;
}

export async function choose(cluster: TestCluster, account: TestAccount): Promise<Chooser> {
  const client = cluster.client();
  must(await client.logIn({ ...account, way: "raw" }));
  const select = must(await client.enterWorld(cluster.charAddress));
  const [character] = select.characters;
  if (character === undefined) throw new Error(`${account.name} has no character`);
  return { client, select, character, ended: endOf(select) };
}

export async function play(cluster: TestCluster, account: TestAccount): Promise<Player> {
  const { client, select, character } = await choose(cluster, account);
  const game = must(await select.choose(character.charId));
  return { client, game, ended: endOf(game) };
}

/** Returns the ticket of the client's last login. Throws if there is none. */
export function ticketOf({ client }: Pick<Player, "client">): LoginTicket {
  if (client.ticket === null) throw new Error("not logged in");
  return client.ticket;
}

function endOf({ closed }: Pick<Game, "closed">): () => EndReason | null {
  let reason: EndReason | null = null;
  void closed.then((end) => {
    reason = end.reason;
  });
  return () => reason;
}

/** Walks to another cell of the same map. Resolves when the client knows that the last step is done. */
export async function walk(
  { game }: Player,
  by: { readonly x?: number; readonly y?: number },
): Promise<void> {
  const x = game.position.x + (by.x ?? 0);
  const y = game.position.y + (by.y ?? 0);
  must(await game.walk(x, y));
  await until(() => game.position.x === x && game.position.y === y, { what: `${game.name} is at ${x},${y}` });
}

export async function untilEnded({ ended }: Pick<Player, "ended">): Promise<EndReason> {
  return until(ended, { what: "the connection is over" });
}

export interface Row {
  readonly map: string;
  readonly x: number;
  readonly y: number;
  readonly attributes: JsonObject;
  /** The number of times that the character changed hands. */
  readonly fence: number;
}

export async function rowOf({ database }: Pick<TestCluster, "database">, charId: CharId): Promise<Row> {
  const [row] = await database.query<Row & { fence: string }>(
    {
      name: "test-row-of",
      text: "SELECT map, x, y, attributes, lock_fence AS fence FROM characters WHERE id = $1",
    },
    [charId],
  );
  if (row === undefined) throw new Error(`there is no character ${charId}`);
  return { ...row, fence: Number(row.fence) };
}

export async function accountFenceOf(
  { database }: Pick<TestCluster, "database">,
  name: string,
): Promise<number> {
  const text = "SELECT lock_fence AS fence FROM accounts WHERE name = $1";
  const [row] = await database.query<{ fence: string }>({ name: "test-account-fence-of", text }, [name]);
  return Number(row?.fence);
}

/** Raises the character's fence, like an unknown server that takes the character over. */
export async function raiseFence({ database }: Pick<TestCluster, "database">, charId: CharId): Promise<void> {
  await database.query(
    {
      name: "test-raise-fence",
      text: "UPDATE characters SET lock_fence = lock_fence + 1 WHERE id = $1",
    },
    [charId],
  );
}
