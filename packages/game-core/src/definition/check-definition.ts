import { checkMessages } from "../messages/messages.ts";
import { checkSchema } from "../schema/check-schema.ts";
import { checkActors, checkItems } from "./check-actors.ts";
import { checkCharacter, checkMap, checkWorld } from "./check-states.ts";
import { aHandler, anOptionalHandler, aText, aWholeNumber, entriesOf, fail, fieldsOf } from "./demand.ts";

const parts = [
  ...["messages", "character", "map", "world", "items", "objects", "actors", "commands", "timers", "tick"],
];
const handlers = [
  ...["opened", "entered", "left", "stepped", "said", "zoneEntered", "zoneLeft", "bought", "worldChanged"],
];

/** How often a game can tick. */
const tickMsMin = 50;
const tickMsMax = 3_600_000;

/** Throws `GameError`, whose message begins with the path of the field at fault. */
export function checkDefinition(definition: unknown): void {
  const game = fieldsOf(definition, "the game", ["name", ...parts, ...handlers]);
  aText(game["name"], "name", 64);
  if (!/^[a-z][a-z0-9-]*$/.test(String(game["name"]))) {
    fail("name", `is "${String(game["name"])}"; use a small letter, and small letters, digits or "-"`);
  }
  checkCommands(game["messages"], game["commands"]);
  if (game["character"] !== undefined) checkCharacter(game["character"], "character");
  if (game["map"] !== undefined) checkMap(game["map"], "map");
  checkWorld(game["world"]);
  for (const [, schema, path] of entriesOf(game["objects"], "objects")) checkSchema(schema, path);
  const items = checkItems(game["items"]);
  const hasShop = checkActors(game["actors"], items);
  if (hasShop && game["bought"] === undefined)
    fail("bought", "is missing; it takes the price of what a shop sells");
  for (const [, timer, path] of entriesOf(game["timers"], "timers")) {
    const { data, run } = fieldsOf(timer, path, ["data", "run"]);
    if (data !== null) checkSchema(data, `${path}.data`);
    aHandler(run, `${path}.run`);
  }
  if (game["tick"] !== undefined) {
    const { everyMs, run } = fieldsOf(game["tick"], "tick", ["everyMs", "run"]);
    aWholeNumber(everyMs, "tick.everyMs", tickMsMin, tickMsMax);
    aHandler(run, "tick.run");
  }
  for (const handler of handlers) anOptionalHandler(game[handler], handler);
}

function checkCommands(messages: unknown, commands: unknown): void {
  const { commands: named = {} } =
    messages === undefined ? {} : fieldsOf(messages, "messages", ["commands", "events"]);
  if (messages !== undefined) checkMessages(messages as Parameters<typeof checkMessages>[0], "messages.");
  const given = commands === undefined ? {} : fieldsOf(commands, "commands", Object.keys(named as object));
  for (const name of Object.keys(named as object)) aHandler(given[name], `commands["${name}"]`);
}
