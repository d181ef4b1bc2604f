import type { Outcome } from "@sallyport/domain";
import type { z } from "zod";
import type { SubjectKind, Subjects } from "../facts.ts";
import type { Asker } from "../permissions.ts";
import type { RefusalCode } from "../refusals.ts";
import type { ResourceStore } from "../store/resource-store.ts";
import type { Shape, ValuesOf } from "./fields.ts";

/** Everything on which a decision depends. */
export interface Call<A extends SubjectKind, S extends Shape> {
  readonly asker: Asker;
  readonly subject: Subjects[A];
  readonly values: ValuesOf<S>;
}

export type Carried<Data> = Promise<Outcome<Data, RefusalCode>>;

/**
 * One request. Both transports, their checks, the OpenAPI document, the reference page and tests come from
 * these rows.
 */
export interface ResourceRequest<A extends SubjectKind, S extends Shape, D extends z.ZodType> {
  /** The number over TCP, as the seed has it. */
  readonly type: number;
  readonly name: string;
  readonly doc: string;
  /** Names in braces are fields. The others are in the query of a GET or DELETE, and else in the body. */
  readonly http: { readonly method: "GET" | "POST" | "PUT" | "DELETE"; readonly path: string };
  readonly fields: S;
  /** What the request is about. It is read before the decision, and must exist. */
  readonly about: A;
  /** A request that changes something is refused while the list of revoked tokens is too old. */
  readonly changes: boolean;
  /** The longest request of this kind, in bytes. Absent: `usualRequestBytesMax`. */
  readonly bytesMax?: number;
  /** Whether an answer of success may be longer than `usualRequestBytesMax`. Absent: no. */
  readonly hasLongAnswer?: boolean;
  /** The rule of `may` in words. */
  readonly who: string;
  may(call: Call<A, S>): boolean;
  readonly data: D;
  carryOut(store: ResourceStore, call: Call<A, S>): Carried<z.input<D>>;
}

/** A request with any fields. The service reads fields and subject before it calls `may`. */
export type AnyRequest = Omit<ResourceRequest<SubjectKind, Shape, z.ZodType>, "may" | "carryOut"> & {
  may(call: never): boolean;
  carryOut(store: ResourceStore, call: never): Carried<unknown>;
};

/** Lets the compiler infer the fields and the answer of a row. */
export const request = <A extends SubjectKind, const S extends Shape, D extends z.ZodType>(
  row: ResourceRequest<A, S, D>,
): ResourceRequest<A, S, D> => row;

/** Requests and answers are at most this long, in bytes, without the length field. */
export const usualRequestBytesMax = 1 << 20;
export const longRequestBytesMax = 8 << 20;
