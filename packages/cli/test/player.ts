import { enterMap, enterWorld, register } from "@sallyport/bots";
import { type CharacterSelect, type Client, Credentials, createClient, type Game } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { must, until } from "@sallyport/testkit";
import { expect } from "vitest";

const account = { name: "walker", password: "correct horse" };

/** Clients share what is derived from passwords, because the derivation is slow on purpose. */
const credentials = new Credentials();

export const clientAt = (port: number): Client =>
  createClient({ connect: tcpConnect, login: { host: "127.0.0.1", port }, credentials });

/** Registers the account if necessary, waits until a world is listed, and enters character select there. */
export async function select(client: Client, name = account.name): Promise<CharacterSelect> {
  expect(await register(client, { ...account, name })).toBe(null);
  const entered = async () => {
    const outcome = await enterWorld(client, { ...account, name });
    return !outcome.ok && outcome.refusal === "no-world" ? null : outcome;
  };
  return must(await until(entered, { what: "a world is listed" }));
}

/** Does the same as `select`, and then enters the map with the first character of the account. */
export const enter = async (client: Client, name = account.name): Promise<Game> =>
  must(await enterMap(client, await select(client, name), name));

/** Walks this many cells to the east, and waits until the character has arrived. */
export async function walkEast(game: Game, cells: number): Promise<{ x: number; y: number }> {
  const { x, y } = game.position;
  must(await game.walk(x + cells, y));
  await until(() => game.position.x === x + cells, { what: "the walk to end" });
  return { x: x + cells, y };
}
