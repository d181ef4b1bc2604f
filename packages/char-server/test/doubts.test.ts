import { AccountId, LoginId } from "@sallyport/domain";
import type { CharacterLock } from "@sallyport/lock-core";
import { beforeEach, expect, test } from "vitest";
import { Doubts } from "../src/doubts.ts";

const accountId = AccountId(7);
const login = LoginId(11);
const newer = LoginId(21);
const playing = (loginId1: LoginId): CharacterLock =>
  ({ state: "playing", loginId1 }) as unknown as CharacterLock;

let doubts: Doubts;
/** The login by which the account is held here. */
let heldBy: LoginId | undefined;
let lock: CharacterLock;
let isEntering: boolean;
let released: (readonly [AccountId, LoginId])[];
/** Whether the login-server answers that an account is released. */
let isAnswered: boolean;

beforeEach(() => {
  [heldBy, lock, isEntering, released, isAnswered] = [login, { state: "free" }, false, [], true];
  doubts = new Doubts({
    locks: { read: async () => lock },
    login: {
      isUp: true,
      heldIds: () => heldBy,
      release: async (...of) => {
        released.push(of);
        if (isAnswered) heldBy = undefined;
      },
    },
    attendance: { isEntering: () => isEntering },
  });
  doubts.add(accountId);
});

async function settles(): Promise<readonly LoginId[]> {
  released = [];
  await doubts.settle();
  return released.map(([, loginId1]) => loginId1);
}

test("an account whose character lock is free is released, and the release is repeated until it is answered", async () => {
  isAnswered = false;
  expect(await settles()).toEqual([login]);
  isAnswered = true;
  expect(await settles()).toEqual([login]);
  expect(await settles()).toEqual([]);
});

test("an account is released by the login that has it, even if another login has the character", async () => {
  lock = playing(newer);
  expect(await settles()).toEqual([login]);
});

test("an account stays with the login that has its character, and is released when that login ends", async () => {
  lock = playing(login);
  expect(await settles()).toEqual([]);
  lock = { state: "free" };
  expect(await settles()).toEqual([]);
});

test("an account is not released while a client is on its way to the character, but checked afterwards", async () => {
  isEntering = true;
  expect(await settles()).toEqual([]);
  isEntering = false;
  expect(await settles()).toEqual([login]);
});
