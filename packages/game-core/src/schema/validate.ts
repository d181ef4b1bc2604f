import type { SchemaIssue, StandardSchema } from "./standard-schema.ts";

export type Validated<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly problem: string };

/** An error of the game module itself. The message names the part of the module. */
export class GameError extends Error {
  override readonly name = "GameError";
}

/**
 * Validates a value. `problem` names the field, and holds nothing else of the value than what the messages of
 * the schema hold. Throws `GameError` if the schema is asynchronous, because handlers cannot wait. (Zod is
 * asynchronous, too, after a part of the schema has thrown.)
 */
export function validate<Output>(schema: StandardSchema<unknown, Output>, value: unknown): Validated<Output> {
  const result = schema["~standard"].validate(value);
  if (isPromise(result)) {
    // Nobody waits for the result any more, so a rejection must not end the process.
    result.then(undefined, () => undefined);
    throw new GameError("the schema is asynchronous, or throws; use one that validates at once");
  }
  return result.issues === undefined
    ? { ok: true, value: result.value }
    : { ok: false, problem: problemIn(result.issues) };
}

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

const issuesShown = 3;

function problemIn(issues: readonly SchemaIssue[]): string {
  const shown = issues.slice(0, issuesShown).map(({ message, path = [] }) => {
    const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
    return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  });
  const more = issues.length - shown.length;
  if (shown.length === 0) return "does not fit the schema";
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
