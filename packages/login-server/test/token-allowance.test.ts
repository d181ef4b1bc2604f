import { AccountId } from "@sallyport/domain";
import { expect, test } from "vitest";
import { TokenAllowance } from "../src/tokens/token-allowance.ts";

const [alice, bob] = [AccountId(1), AccountId(2)];

test("an account gets ten tokens a minute, and hears when the next one can be had", () => {
  const allowance = new TokenAllowance();
  for (let nth = 0; nth < 10; nth += 1) expect(allowance.take(alice, 1_000 + nth)).toBe(0);
  expect(allowance.take(alice, 2_000)).toBe(59_000);
  expect(allowance.take(alice, 60_999)).toBe(1);
  expect(allowance.take(alice, 61_000)).toBe(0);
});

test("one account does not use up what another has", () => {
  const allowance = new TokenAllowance();
  for (let nth = 0; nth < 11; nth += 1) allowance.take(alice, nth);
  expect(allowance.take(bob, 11)).toBe(0);
  // The minute of the first account ends sooner.
  expect(allowance.take(bob, 60_000)).toBe(0);
  for (let nth = 0; nth < 8; nth += 1) expect(allowance.take(bob, 60_000)).toBe(0);
  expect(allowance.take(bob, 60_000)).toBe(11);
});
