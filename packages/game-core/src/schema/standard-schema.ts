/**
 * The interface of Standard Schema, version 1 (https://standardschema.dev). Zod, Valibot, ArkType and others
 * have it, so an author uses any of them, and this package needs none.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    /** The name of the schema library. */
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Only the compiler reads this. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type TypesOf<S> = S extends StandardSchema ? NonNullable<S["~standard"]["types"]> : never;
export type InputOf<S> = TypesOf<S>["input"];
export type OutputOf<S> = TypesOf<S>["output"];
