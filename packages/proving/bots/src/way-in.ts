import { accepted, type Outcome, refused } from "@sallyport/domain";
import {
  type CharacterSelect,
  type CharacterSummary,
  type Client,
  type Game,
  leastCrowded,
  type PasswordWay,
} from "@sallyport/sdk";

/** A player makes these requests on its way into the world. */
export type StepIn = "register" | "login" | "char enter" | "create" | "choose" | "map enter";

/** Makes a request. This function may repeat the request and record the answers. */
export type Ask = <Value, Code extends string>(
  step: StepIn,
  request: () => Promise<Outcome<Value, Code>>,
) => Promise<Outcome<Value, Code>>;

export interface PlayerAccount {
  readonly name: string;
  readonly password: string;
  readonly way?: PasswordWay;
}

const askOnce: Ask = (_, request) => request();

/**
 * Registers the account, unless it is registered already. Resolves to the refusal, or to null if there is
 * none.
 */
export async function register(
  client: Client,
  { name, password }: PlayerAccount,
  ask = askOnce,
): Promise<string | null> {
  const registered = await ask("register", () => client.register({ name, password, sex: "female" }));
  return registered.ok || registered.refusal === "name-taken" ? null : registered.refusal;
}

/** Logs in, and enters character select of the least crowded world. */
export async function enterWorld(
  client: Client,
  account: PlayerAccount,
  ask = askOnce,
): Promise<Outcome<CharacterSelect, string>> {
  const loggedIn = await ask("login", () => client.logIn(account));
  if (!loggedIn.ok) return loggedIn;
  const world = leastCrowded(loggedIn.value.worlds);
  return world === undefined ? refused("no-world") : ask("char enter", () => client.enterWorld(world));
}

/**
 * Enters the map with the first character. Creates a character if there is none. Leaves character select if a
 * request there is refused.
 */
export async function enterMap(
  client: Client,
  select: CharacterSelect,
  name: string,
  {
    ask = askOnce,
    listed,
  }: { readonly ask?: Ask; readonly listed?: (character: CharacterSummary) => void } = {},
): Promise<Outcome<Game, string>> {
  const [first] = select.characters;
  const character = first ? accepted(first) : await ask("create", () => select.create({ slot: 0, name }));
  if (character.ok) listed?.(character.value);
  const handedOver = character.ok
    ? await ask("choose", () => select.handOver(character.value.charId))
    : character;
  if (handedOver.ok) return ask("map enter", () => client.enterMap(handedOver.value));
  select.leave();
  return handedOver;
}
