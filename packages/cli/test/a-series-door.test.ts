import { requestBytes } from "@sallyport/foreign-clients";
import { expect, test } from "vitest";
import { aSeriesPlace } from "../src/tiers/a-series-door.ts";

test.each([1, 2])("with A_SERIES_EXCHANGES %i a connection has so many answers", (aSeriesExchanges) => {
  const { dialect } = aSeriesPlace({ aSeriesPort: 0, aSeriesExchanges }, new Uint8Array(32));
  const request = requestBytes(0xa1, "user@example.org", "secret1");
  expect(dialect.open(0).receive(Buffer.concat([request, request, request]), 0)).toHaveLength(
    aSeriesExchanges,
  );
});
