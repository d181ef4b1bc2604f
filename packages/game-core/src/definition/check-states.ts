import { checkedState, versionKey } from "../character/character-state.ts";
import { isSameJson, toJson } from "../character/json.ts";
import { checkSchema } from "../schema/check-schema.ts";
import type { StandardSchema } from "../schema/standard-schema.ts";
import { validate } from "../schema/validate.ts";
import { aHandler, aList, aText, aWholeNumber, entriesOf, fail, fieldsOf } from "./demand.ts";

const versionMax = 1_000_000;

export function checkCharacter(value: unknown, path: string): void {
  const known = ["schema", "version", "initial", "migrations", "own", "shown"];
  const { schema, version = 1, initial, migrations = {}, own, shown } = fieldsOf(value, path, known);
  checkSchema(schema, `${path}.schema`);
  const newest = aWholeNumber(version, `${path}.version`, 1, versionMax);
  checkInitial(schema, initial, `${path}.initial`);
  if (Object.hasOwn(initial as object, versionKey)) fail(`${path}.initial`, `has the key ${versionKey}`);
  for (const [from, migrate] of Object.entries(migrations as object)) {
    aWholeNumber(Number(from), `the key of ${path}.migrations[${from}]`, 0, newest - 1);
    aHandler(migrate, `${path}.migrations[${from}]`);
  }
  for (let from = 1; from < newest; from += 1) {
    if (!Object.hasOwn(migrations as object, from)) {
      fail(`${path}.migrations[${from}]`, `is missing; it makes version ${from + 1} of a state`);
    }
  }
  for (const [list, keys] of Object.entries({ own, shown })) {
    for (const [index, key] of aList(keys ?? [], `${path}.${list}`).entries()) {
      aText(key, `${path}.${list}[${index}]`, 64);
    }
  }
  within(`${path}.initial`, () => checkedState({ schema, version: newest, initial: {} } as never, initial));
}

export function checkMap(value: unknown, path: string): void {
  const { schema, initial } = fieldsOf(value, path, ["schema", "initial"]);
  checkSchema(schema, `${path}.schema`);
  aHandler(initial, `${path}.initial`);
}

export function checkWorld(value: unknown): void {
  for (const [, state, path] of entriesOf(value, "world")) {
    const { schema, initial, changes } = fieldsOf(state, path, ["schema", "initial", "changes"]);
    checkSchema(schema, `${path}.schema`);
    checkInitial(schema, initial, `${path}.initial`);
    for (const [, change, at] of entriesOf(changes, `${path}.changes`)) {
      const { input, apply } = fieldsOf(change, at, ["input", "apply"]);
      if (input !== null) checkSchema(input, `${at}.input`);
      aHandler(apply, `${at}.apply`);
    }
  }
}

/** States are validated again with each change. So the schema must leave its own output as it is. */
function checkInitial(schema: StandardSchema, initial: unknown, path: string): void {
  const once = validate(schema, initial);
  if (!once.ok) fail(path, `does not fit the schema: ${once.problem}`);
  const stored = within(path, () => toJson(once.value, path));
  const twice = validate(schema, stored);
  if (!twice.ok || !isSameJson(toJson(twice.value, path), stored)) {
    fail(
      path,
      "becomes another value each time it is validated; use a schema that leaves its output as it is",
    );
  }
}

function within<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    return fail(path, `cannot be stored: ${error instanceof Error ? error.message : String(error)}`);
  }
}
