import { AccountId, LoginId } from "@sallyport/domain";
import { expect, test } from "vitest";
import { Attendance, type Attendant } from "../src/attendance.ts";

const accountId = AccountId(1);
const older = LoginId(11);
const newer = LoginId(21);

function attendantOf(loginId1: LoginId): Attendant & { readonly kicked: string[] } {
  const kicked: string[] = [];
  return { loginId1, open: null, kicked, kick: (reason) => void kicked.push(reason) };
}

test("a kick at character select reaches the login that it names, and no newer login", () => {
  const attendance = new Attendance();
  const client = attendantOf(newer);
  attendance.add(accountId, client);
  expect(attendance.kick(accountId, older, "logged-in-elsewhere")).toBe(false);
  expect(client.kicked).toEqual([]);
  expect(attendance.kick(accountId, newer, "logged-in-elsewhere")).toBe(true);
  expect(client.kicked).toEqual(["logged-in-elsewhere"]);
});

test("a kick on the way to character select reaches the login that it names, and no other login", () => {
  const attendance = new Attendance();
  const [first, second] = [attendantOf(older), attendantOf(newer)];
  for (const each of [first, second]) attendance.enters(accountId, each);
  expect(attendance.kickEntrant(accountId, older, "lock-lost")).toBe(true);
  expect([first.kicked, second.kicked]).toEqual([["lock-lost"], []]);
  expect(attendance.kickEntrant(accountId, LoginId(31), "lock-lost")).toBe(false);
});

test("a client that leaves removes its own entry, and not the entry of the client that replaced it", () => {
  const attendance = new Attendance();
  const [first, second] = [attendantOf(older), attendantOf(newer)];
  attendance.add(accountId, first);
  attendance.add(accountId, second);
  expect(first.kicked).toEqual(["lock-lost"]);
  attendance.remove(accountId, first);
  expect(attendance.all()).toEqual([[accountId, second]]);
});
