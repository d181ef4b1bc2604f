import { expect, test } from "vitest";
import type { WhoisAccount } from "../src/answers.ts";
import { whoisText } from "../src/tables.ts";

const account: WhoisAccount = {
  accountId: 2_000_000,
  name: "walker",
  createdAt: "2026-01-01T00:00:00.000Z",
  lastLoginAt: null,
  bannedUntil: null,
  characters: ["Ada Lovelace", "桜木花道", "김 Kim", "e\u0301t\u0302r"].map((name, index) => ({
    name,
    charId: 150_000 + index,
    world: "Alpha",
    map: "1@cata",
    lastPlayedAt: null,
  })),
  locks: [],
  verdict: "can-log-in",
  waitMs: null,
  says: [],
  todo: [],
};
const said = (of: WhoisAccount) => whoisText({ name: "walker", accounts: [of], unseen: [] });

test("columns are as wide as a terminal shows names of any alphabet", () => {
  const text = said(account);
  expect(text).toContain("Ada Lovelace  #150000");
  expect(text).toContain("桜木花道      #150001");
  expect(text).toContain("김 Kim        #150002");
  expect(text).toContain("e\u0301t\u0302r           #150003");
});

test("text from the database does not control the terminal", () => {
  const [character] = account.characters as [WhoisAccount["characters"][number]];
  const text = said({ ...account, characters: [{ ...character, name: "\u001b[2J\u202eAda" }] });
  expect(text).toContain("·[2J·Ada");
  expect(whoisText({ name: "\u001b[2J", accounts: [], unseen: [] })).toContain("·[2J");
});
