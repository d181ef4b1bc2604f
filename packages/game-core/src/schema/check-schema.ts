import type { StandardSchema } from "./standard-schema.ts";
import { GameError, validate } from "./validate.ts";

/** Throws `GameError` unless the value is a Standard Schema. `path` names it. */
export function checkSchema(schema: unknown, path: string): asserts schema is StandardSchema {
  const standard = isSchemaLike(schema) ? schema["~standard"] : undefined;
  if (typeof standard !== "object" || standard === null || !("validate" in standard)) {
    throw new GameError(`${path} is no schema; use Zod, Valibot or another library with Standard Schema`);
  }
  const { version, validate } = standard as { readonly version?: unknown; readonly validate: unknown };
  if (version !== 1 || typeof validate !== "function") {
    throw new GameError(`${path} is a schema of another version than Standard Schema 1`);
  }
}

/** Throws `GameError` if a schema for untrusted values is asynchronous, or throws for some of them. */
export function checkAtOnce(schema: StandardSchema, path: string): void {
  for (const probe of probes()) {
    try {
      validate(schema, probe);
    } catch (error) {
      throw new GameError(`${path}: ${error instanceof GameError ? error.message : String(error)}`);
    }
  }
}

const leaves: readonly unknown[] = [undefined, null, true, 1, "a", []];
const probeDepth = 3;

/**
 * An asynchronous part of a schema runs only for a value of the right type. So there are objects and lists of
 * each type, to some depth. No probe finds a part that needs a certain text or number; `validate` finds it
 * later.
 */
function* probes(): Iterable<unknown> {
  for (const leaf of leaves) {
    for (let depth = 0; depth <= probeDepth; depth += 1) {
      yield nested(leaf, depth, anyKey);
      yield nested(leaf, depth, (inner) => [inner]);
    }
  }
}

function nested(leaf: unknown, depth: number, wrap: (inner: unknown) => unknown): unknown {
  return depth === 0 ? leaf : wrap(nested(leaf, depth - 1, wrap));
}

/** An object that has the same value under each key, except keys that texts, lists and objects have. */
const anyKey = (inner: unknown): object =>
  new Proxy(
    { a: inner },
    { get: (_, key) => (isField(key) ? inner : undefined), has: (_, key) => isField(key) },
  );

const isField = (key: string | symbol): boolean =>
  typeof key === "string" &&
  !(key in Array.prototype) &&
  !(key in String.prototype) &&
  !/^(size|then)$/.test(key);

const isSchemaLike = (value: unknown): value is { readonly "~standard": unknown } =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
