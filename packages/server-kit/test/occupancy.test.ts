import { expect, test } from "vitest";
import { Occupancy } from "../src/index.ts";

test("the total and each address have a bound, and each client that leaves makes room", () => {
  const occupancy = new Occupancy({ clientsMax: 3, clientsPerAddressMax: 2 });
  expect(["a", "a", "a", "b", "b"].map((address) => occupancy.enter(address))).toEqual([
    ...[null, null, "address", null],
    "full",
  ]);
  expect(occupancy.count).toBe(3);
  occupancy.leave("a");
  expect(occupancy.enter("a")).toBeNull();
  occupancy.leave("b");
  occupancy.close();
  expect(occupancy.enter("b")).toBe("stopping");
  expect(occupancy.count).toBe(2);
});
