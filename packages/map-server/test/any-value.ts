import type { StandardSchema } from "@sallyport/game-core";

/** A schema that accepts the values for which `is` returns true, and leaves them as they are. */
export const anyValue = <T>(is: (value: unknown) => value is T, why: string): StandardSchema<unknown, T> => ({
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => (is(value) ? { value } : { issues: [{ message: why }] }),
  },
});
