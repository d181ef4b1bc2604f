import type { Dialect } from "@sallyport/dialects";
import { aSeriesLoginDoor } from "@sallyport/dialects/a-series";
import type { DoorVocabulary } from "@sallyport/domain";
import fc from "fast-check";
import type { ListedDialect } from "./dialect-decoders.ts";
import { outOfOrder } from "./spoil.ts";

const field = fc
  .uint8Array({ maxLength: 64 })
  .map((text) => Buffer.concat([text, Buffer.alloc(64)]).subarray(0, 64));
const request = fc
  .tuple(fc.constantFrom([0, 0xa1], [0, 0xa3]), field, field)
  .map(([type, ...fields]): Uint8Array => Buffer.concat([Buffer.from(type), ...fields]));

export const aSeriesListed: ListedDialect = {
  name: "a-series login",
  dialect: aSeriesLoginDoor({
    mac: () => new Uint8Array(32),
    exchangesMax: 3,
  }) as unknown as Dialect<DoorVocabulary>,
  conversation: outOfOrder(fc.array(request, { maxLength: 4 })),
};
