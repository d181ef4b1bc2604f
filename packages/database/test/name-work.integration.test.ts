import { type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAccountStore, type Database, migrate, openDatabase, type Statement } from "../src/index.ts";
import { createAccount, credential, storesOn } from "./sample-rows.ts";

/* The work of a look-up in Postgres and the size of its result must not reveal whether the name exists. */

let testing: TestDatabase;
let database: Database;
beforeAll(async () => {
  testing = await testDatabase({ migrate, template: "sallyport" });
  database = await openDatabase({ url: testing.url });
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

interface Asked {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  readonly rows: readonly object[];
}

/** Looks a name or an e-mail address up. Returns the queries that the store sent, and whether the name exists. */
async function lookUp(
  name: string,
): Promise<{ readonly asked: readonly Asked[]; readonly isFound: boolean }> {
  const asked: Asked[] = [];
  const accounts = createAccountStore({
    query: async (statement, values) => {
      const rows = await database.query(statement, values);
      asked.push({ statement, values, rows });
      return rows as never[];
    },
    close: async () => {},
  });
  const found = name.includes("@") ? await accounts.findByEmail(name) : await accounts.findByName(name);
  return { isFound: found !== null, asked };
}

/** Returns, for each node of the plan, how many blocks the statement read and how many rows it visited. */
async function workOf({ statement, values }: Asked): Promise<unknown> {
  const [names] = values as readonly [readonly string[]];
  const explain = `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, COSTS OFF, SUMMARY OFF, FORMAT JSON) `;
  const quoted = `'{${names.join()}}'`;
  const text = explain + statement.text.replaceAll("$1", quoted);
  const [row] = await database.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
    { name: `explain ${quoted}`, text },
    [],
  );
  const plan = row?.["QUERY PLAN"][0]?.Plan;
  return (
    plan &&
    nodesOf(plan).map((node) => [
      ...[node["Node Type"], node["Index Name"]],
      ...[node["Actual Rows"], node["Shared Hit Blocks"]],
    ])
  );
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Shared Hit Blocks": number;
  readonly Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const shapeOf = ({ rows }: Asked): readonly unknown[] =>
  rows.map((row) =>
    Object.entries(row).map(([column, value]) => [
      column,
      value instanceof Uint8Array ? value.length : typeof value,
    ]),
  );

describe("a look-up of an unknown name", () => {
  const accounts = Array.from({ length: 400 }, (_, index) => `m${String(index).padStart(4, "0")}`);
  beforeAll(async () => {
    const stores = storesOn(database);
    for (const name of accounts) {
      const email = { address: `${name}@example.org`, key: `${name}@example.org` };
      await stores.accounts.create({ name, email, sex: "female", credential: credential() });
    }
    // After this statement, Postgres plans the query for a table with many rows.
    await database.query({ name: "analyze", text: "VACUUM ANALYZE accounts" }, []);
  });

  test.each(["m0200x", "m0007_", "m0399a", "aaa", "zzz", "M0100Y"])(
    "returns as many bytes as that of a known name, by the same statement: %s",
    async (unknown) => {
      const [real, other] = [await lookUp("m0200"), await lookUp(unknown)];
      expect([real.isFound, other.isFound]).toEqual([true, false]);
      expect(other.asked.map(({ statement }) => statement)).toEqual(
        real.asked.map(({ statement }) => statement),
      );
      expect(other.asked.map(shapeOf)).toEqual(real.asked.map(shapeOf));
    },
  );

  // Names after the last account read fewer pages. That reveals only the last account, so no such name is
  // tested.
  test.each(["m0200x", "m0007_", "m0398a", "aaa", "M0100Y"])(
    "reads as many pages and rows as that of a known name: %s",
    async (unknown) => {
      const works = await Promise.all(
        ["m0200", unknown].map(async (name) => Promise.all((await lookUp(name)).asked.map(workOf))),
      );
      expect(JSON.stringify(works[0])).toContain("Index Scan");
      expect(works[1]).toEqual(works[0]);
    },
  );

  test("finds nothing if the next name in the alphabet is one that no server can use", async () => {
    const stores = storesOn(database);
    await createAccount(stores, "q_broken");
    await database.query(
      { name: "break", text: "UPDATE accounts SET memory_kib = 1 WHERE name = 'q_broken'" },
      [],
    );
    expect((await lookUp("q_b")).isFound).toBe(false);
    await expect(lookUp("q_broken")).rejects.toThrow("no server can use its memory_kib");
  });

  test.each(["m0200x@example.org", "m0007@", "aaa@example.org"])(
    "of an e-mail address does the same work as that of a known one: %s",
    async (unknown) => {
      const [real, other] = await Promise.all(["m0200@example.org", unknown].map(lookUp));
      expect([real?.isFound, other?.isFound]).toEqual([true, false]);
      const works = await Promise.all(
        [real, other].map((each) => Promise.all((each?.asked ?? []).map(workOf))),
      );
      expect(JSON.stringify(works[0])).toContain("accounts_email_unique");
      expect(works[1]).toEqual(works[0]);
    },
  );

  test.each(["m0000", "M0000", "m0399", "m0123"])("finds the known name %s in any case", async (name) => {
    expect((await lookUp(name)).isFound).toBe(true);
  });
});
