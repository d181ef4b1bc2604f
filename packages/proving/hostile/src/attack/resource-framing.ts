import { jsonFrame } from "@sallyport/foreign-clients";
import { unknownName } from "./foreign-framings.ts";
import { afterLength, type Framing, nothing, plain } from "./framing.ts";

/** There are 21 requests, numbered from 1. The others are unknown. */
const types = 24;

/** The TCP port of the resource-server. Requests carry a token that no login-server has signed. */
export const resourceFraming: Framing = {
  ...plain,
  message: (_, field, nth) =>
    jsonFrame({ type: nth % types, identity: unknownName(field), token: field.marker, entry_id: nth }),
  idle: nothing,
  slow: (target, field) => resourceFraming.message(target, field, 0).subarray(0, -1),
  lying: afterLength,
};
