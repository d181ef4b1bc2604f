import { accepted, type Outcome, refusedWith } from "@sallyport/domain";
import type { CharacterAnswer, CharactersAnswer } from "../answers.ts";
import { charactersText } from "../tables.ts";
import { countField, textField } from "./fields.ts";
import { type Caller, mayChange, notAboutRoles, noWorld, request, type Services } from "./request.ts";

/*
 * Requests about characters. A change of a character that plays takes its account over first: the player is
 * saved and disconnected. So these requests ask the char-server of its world.
 */

/** Names in any alphabet have at most this many UTF-16 units. */
const nameUnitsMax = 64;
const cellMax = 0xffff;

const nameField = textField("name of a character", nameUnitsMax);

export const showCharacter = request({
  command: "character show",
  method: "GET",
  path: "/characters/:name",
  role: "gamemaster",
  doc: "show the characters of this name in all worlds, where they were saved last, whose they are, and what the game keeps of them",
  fields: { name: textField("name of a character, or #ID", nameUnitsMax) },
  args: ["name"],
  async answer(services, { name }) {
    const characters = await charactersNamed(services, name);
    if (characters.length === 0) return noCharacter(name);
    const attributes = await services.lookup.attributes(characters.map(({ charId }) => charId));
    return accepted<CharactersAnswer>({
      characters: characters.map((of) => ({ ...of, attributes: attributes.get(of.charId) ?? {} })),
    });
  },
  text: charactersText,
});

export const renameCharacter = request({
  command: "character rename",
  method: "POST",
  path: "/characters/:name/rename",
  role: "gamemaster",
  doc: "rename a character of this char-server's world; if its account plays, the player is saved and leaves first",
  fields: { name: nameField, to: textField("the new name, by the rules for new names", nameUnitsMax) },
  args: ["name", "to"],
  answer: (services, { name, to }, caller) =>
    changed(services, name, caller, ({ changes }) => changes.rename(name, to), { name: to }),
  text: ({ charId, name }) => `Character #${charId} is called ${name} now.\n`,
});

export const moveCharacter = request({
  command: "character move",
  method: "POST",
  path: "/characters/:name/move",
  role: "gamemaster",
  doc: "move a character of this char-server's world to another place; if its account plays, the player is saved and leaves first",
  fields: {
    name: nameField,
    map: textField("name of the map", 24),
    x: countField("cell from the left", 0, cellMax),
    y: countField("cell from the top", 0, cellMax),
  },
  args: ["name", "map", "x", "y"],
  answer: (services, { name, map, x, y }, caller) =>
    changed(services, name, caller, ({ changes }) => changes.move(name, { map, x, y }), { map }),
  text: ({ charId, name, map }) => `${name} (#${charId}) is on ${map} now.\n`,
});

export const deleteCharacter = request({
  command: "character delete",
  method: "POST",
  path: "/characters/:name/delete",
  role: "administrator",
  doc: "delete a character of this char-server's world at once; if its account plays, the player leaves first",
  fields: { name: nameField },
  args: ["name"],
  confirm: "Delete the character {name} for ever?",
  answer: (services, { name }, caller) =>
    changed(services, name, caller, ({ changes }) => changes.delete(name), {}),
  text: ({ charId, name }) => `${name} (#${charId}) is deleted.\n`,
});

async function charactersNamed({ lookup }: Services, name: string): Promise<readonly CharacterAnswer[]> {
  const meant = name.normalize("NFKC").toLowerCase();
  const accounts = await lookup.find(name);
  const all = accounts.flatMap(({ accountId, name: ofAccount, email, characters }) =>
    characters.map(({ lastPlayedMs, ...character }) => ({
      ...{ accountId, account: ofAccount ?? email ?? "", ...character },
      lastPlayedAt: lastPlayedMs === null ? null : new Date(lastPlayedMs).toISOString(),
    })),
  );
  const named = all.filter(({ charId, name: of }) => of.toLowerCase() === meant || `#${charId}` === name);
  // An account may have this name, or a character one that looks like it.
  return named.length > 0 ? named : all;
}

const noCharacter = (name: string) => refusedWith("not-found", `no character is called ${name}`);

/** Carries out the change, and returns the character with what is new about it. */
async function changed(
  services: Services,
  name: string,
  caller: Caller,
  change: (world: NonNullable<Services["world"]>) => Promise<Outcome<object, string>>,
  news: { readonly name?: string; readonly map?: string },
): Promise<Outcome<CharacterAnswer, string>> {
  const { world } = services;
  if (world === null) return noWorld();
  const found = await charactersNamed(services, name);
  const before = found.find(
    (each) => each.world === world.name && each.name.toLowerCase() === name.toLowerCase(),
  );
  if (before === undefined)
    return refusedWith("not-found", `no character of ${world.name} is called ${name}`);
  const owners = await services.lookup.find(`#${before.accountId}`);
  const owner = owners.find(({ accountId }) => accountId === before.accountId);
  if (owner !== undefined && !mayChange(caller, owner)) return notAboutRoles();
  const outcome = await change(world);
  return outcome.ok ? accepted({ ...before, ...news }) : outcome;
}
