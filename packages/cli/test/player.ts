import { type CharacterSelect, type Client, createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { until } from "@sallyport/testkit";

const account = { name: "walker", password: "correct horse" };

export const clientAt = (port: number): Client =>
  createClient({ connect: tcpConnect, login: { host: "127.0.0.1", port } });

export function must<Value>(outcome: { ok: true; value: Value } | { ok: false; refusal: string }): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
  return outcome.value;
}

/** Registers where need be, and comes to character select of the first world, as soon as one is listed. */
export async function select(client: Client, name = account.name): Promise<CharacterSelect> {
  const registered = await client.register({ ...account, name, sex: "male" });
  if (!registered.ok && registered.refusal !== "name-taken") must(registered);
  const logIn = () => client.logIn({ ...account, name });
  let loggedIn = await logIn();
  const isListed = async () => {
    if (loggedIn.ok || loggedIn.refusal !== "no-world") return true;
    loggedIn = await logIn();
    return false;
  };
  await until(isListed, { what: "a world is listed", timeoutMs: 20_000 });
  const world = must(loggedIn).worlds[0];
  if (world === undefined) throw new Error("no world");
  return must(await client.enterWorld(world));
}

/** The same, and on to the map. */
export async function enter(client: Client, name = account.name): Promise<Game> {
  const selecting = await select(client, name);
  const [character] = selecting.characters;
  const { charId } = character ?? must(await selecting.create({ slot: 0, name }));
  return must(await selecting.choose(charId));
}

/** Walks some cells to the east and waits until there. */
export async function walkEast(game: Game, cells: number): Promise<{ x: number; y: number }> {
  const { x, y } = game.position;
  must(await game.walk(x + cells, y));
  await until(() => game.position.x === x + cells, { what: "the walk to end" });
  return { x: x + cells, y };
}
