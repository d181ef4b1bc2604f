import { type Client, createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { until } from "@sallyport/testkit";

const account = { name: "walker", password: "correct horse" };

export const clientAt = (port: number): Client =>
  createClient({ connect: tcpConnect, login: { host: "127.0.0.1", port } });

function must<Value>(outcome: { ok: true; value: Value } | { ok: false; refusal: string }): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
  return outcome.value;
}

/** Registers where need be, and goes through all the doors. */
export async function enter(client: Client): Promise<Game> {
  const registered = await client.register({ ...account, sex: "male" });
  if (!registered.ok && registered.refusal !== "name-taken") must(registered);
  const { worlds } = must(await client.logIn(account));
  const world = worlds[0];
  if (world === undefined) throw new Error("no world");
  const select = must(await client.enterWorld(world));
  const [character] = select.characters;
  const { charId } = character ?? must(await select.create({ slot: 0, name: account.name }));
  return must(await select.choose(charId));
}

/** Walks some cells to the east and waits until there. */
export async function walkEast(game: Game, cells: number): Promise<{ x: number; y: number }> {
  const { x, y } = game.position;
  must(await game.walk(x + cells, y));
  await until(() => game.position.x === x + cells, { what: "the walk to end" });
  return { x: x + cells, y };
}
