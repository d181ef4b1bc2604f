import type { Dialect } from "@sallyport/dialects";
import type { DoorVocabulary } from "@sallyport/domain";
import { LongRequests, ResourceDialect, resourceRequests } from "@sallyport/resource-server";
import fc from "fast-check";
import type { ListedDialect } from "./dialect-decoders.ts";
import { outOfOrder } from "./spoil.ts";

/* Requests of seed 002 to a resource-server, from their table. */

const value = fc.oneof(fc.integer(), fc.double(), fc.string({ maxLength: 40 }), fc.boolean(), fc.jsonValue());

const request = fc
  .constantFrom(...resourceRequests)
  .chain(({ type, fields }) =>
    fc.record({
      type: fc.oneof({ weight: 9, arbitrary: fc.constant(type) }, { weight: 1, arbitrary: fc.jsonValue() }),
      ...{ identity: fc.string({ maxLength: 10 }), token: fc.string({ maxLength: 40 }) },
      ...Object.fromEntries(Object.keys(fields).map((name) => [name, value])),
    }),
  )
  .map(frameOf);

function frameOf(sent: object): Uint8Array {
  const body = Buffer.from(JSON.stringify(sent));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** More requests than may wait for their answers. */
const flood: Uint8Array[] = Array.from({ length: 70 }, () => frameOf({ type: 21 }));

export const resourceListed: ListedDialect = {
  name: "resource",
  // A run ends no stream, so long requests would add up.
  dialect: new ResourceDialect(
    new LongRequests(Number.POSITIVE_INFINITY),
  ) as unknown as Dialect<DoorVocabulary>,
  conversation: fc.oneof(
    { weight: 2, arbitrary: outOfOrder(fc.array(request, { maxLength: 6 })) },
    { weight: 1, arbitrary: fc.constant<Uint8Array[]>(flood) },
  ),
};
