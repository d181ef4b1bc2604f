import type { Dialect } from "@sallyport/dialects";
import { tokenDoor } from "@sallyport/dialects/token";
import type { DoorVocabulary } from "@sallyport/domain";
import fc from "fast-check";
import type { ListedDialect } from "./dialect-decoders.ts";

const asked = fc.record(
  {
    type: fc.constantFrom("token", "tokens", 1),
    identity: fc.string({ maxLength: 260 }),
    password: fc.string({ maxLength: 260 }),
    audience: fc.oneof(fc.string({ maxLength: 70 }), fc.constant(null)),
  },
  { requiredKeys: ["type"] },
);

const request = fc.oneof(asked, fc.jsonValue()).map((value): Uint8Array => {
  const json = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
});

export const tokenListed: ListedDialect = {
  name: "token login",
  dialect: tokenDoor as unknown as Dialect<DoorVocabulary>,
  conversation: fc.array(request, { maxLength: 3 }),
};
