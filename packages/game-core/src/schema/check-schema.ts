import type { StandardSchema } from "./standard-schema.ts";
import { GameError, isPromise } from "./validate.ts";

/**
 * Values that probe a schema. An asynchronous part of a schema often runs only for a value of the right type,
 * so no probe finds all of them; `validate` refuses the others when it meets them.
 */
const probes: readonly unknown[] = [undefined, null, true, 0, "", [], {}];

/** Throws `GameError` unless the value is a Standard Schema that validates at once. `path` names it. */
export function checkSchema(schema: unknown, path: string): asserts schema is StandardSchema {
  const standard = isSchemaLike(schema) ? schema["~standard"] : undefined;
  if (typeof standard !== "object" || standard === null || !("validate" in standard)) {
    throw new GameError(`${path} is no schema; use Zod, Valibot or another library with Standard Schema`);
  }
  const { version, validate } = standard as { readonly version?: unknown; readonly validate: unknown };
  if (version !== 1 || typeof validate !== "function") {
    throw new GameError(`${path} is a schema of another version than Standard Schema 1`);
  }
  for (const probe of probes) {
    const result: unknown = validateProbe(standard as StandardSchema["~standard"], probe);
    if (!isPromise(result)) continue;
    // Nobody waits for the result, so a rejection must not end the process.
    result.then(undefined, () => undefined);
    throw new GameError(`${path} is asynchronous; use a schema that validates at once`);
  }
}

/** A schema may throw for a probe, because its own code expects another type. */
function validateProbe(standard: StandardSchema["~standard"], probe: unknown): unknown {
  try {
    return standard.validate(probe);
  } catch {
    return undefined;
  }
}

const isSchemaLike = (value: unknown): value is { readonly "~standard": unknown } =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
