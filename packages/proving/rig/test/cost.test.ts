import { expect, test } from "vitest";
import { describe as described } from "../src/gateway-bench/cost.ts";

test("a comparison gives the cost of all processes with the gateway as a ratio to the cost without it", () => {
  const text = described({
    what: "hops",
    count: 100,
    direct: { others: 0.2, gateway: 0 },
    through: { others: 0.21, gateway: 0.05 },
  });
  expect(text.split("\n").map((line) => line.trim())).toEqual([
    "100 hops each way",
    "processor through the gateway / without it   1.30",
    "of that the gateway itself                   0.25",
    "(one: 2.00 ms without; 2.10 ms and the gateway's 0.50 ms through it)",
  ]);
});
