import { describe, expect, test } from "vitest";
import {
  clampedLevel,
  expectedOf,
  fileBytes,
  fileName,
  leaderboardId,
  line,
  paging,
  readFields,
  score,
  text,
} from "../src/requests/fields.ts";
import { resourceRequests } from "../src/requests/resource-requests.ts";

const problemOf = (shape: Parameters<typeof readFields>[0], given: object): string | null => {
  const read = readFields(shape, given as { readonly [field: string]: unknown });
  return read.ok ? null : read.problem;
};

describe.each(resourceRequests.map((row) => [row.name, row] as const))("%s", (_, row) => {
  const names = Object.keys(row.fields);

  test.each(names)("names %s if it has a value of another type", (name) => {
    const schema = row.fields[name];
    const alone = { [name]: schema } as Parameters<typeof readFields>[0];
    for (const wrong of [null, {}, [], -1.5, Number.NaN, Number.POSITIVE_INFINITY, "\u0000", "\ud800"]) {
      if (schema?.safeParse(wrong).success) continue;
      expect(problemOf(alone, { [name]: wrong })).toBe(`${name}: not ${expectedOf(schema as never)}`);
    }
    expect(schema?.safeParse({}).success).toBe(false);
  });

  test("names the first field that is missing", () => {
    const [first] = names.filter((name) => !(name in paging));
    if (first !== undefined) expect(problemOf(row.fields, {})).toBe(`${first}: missing`);
    else expect(problemOf(row.fields, {})).toBeNull();
  });

  test("ignores fields that it does not have", () => {
    const read = readFields(paging, { stranger: 1 });
    expect(read).toEqual({ ok: true, values: { limit: 1_000, offset: 0 } });
  });

  test("says of each field what it has to be", () => {
    for (const name of names) expect(expectedOf(row.fields[name] as never), name).not.toBe("a valid value");
  });
});

describe("a field", () => {
  test.each([0, -1, 1.5, 2 ** 31, "1"])("with an id %j is refused", (id) => {
    expect(problemOf({ leaderboard_id: leaderboardId }, { leaderboard_id: id })).toContain(
      "leaderboard_id: not",
    );
  });

  test("with a score takes any finite number, and no other", () => {
    for (const value of [0, -1.5, 1e308, -5e-324]) expect(problemOf({ score }, { score: value })).toBeNull();
    for (const value of [JSON.parse("1e999"), "1", null])
      expect(problemOf({ score }, { score: value })).not.toBeNull();
  });

  test("with a level takes the nearest one, as the seed does", () => {
    const shape = { level: clampedLevel("level") };
    const taken = [-7, 0, 2, 3, 99].map((level) => {
      const read = readFields(shape, { level });
      return read.ok && read.values.level;
    });
    expect(taken).toEqual([0, 0, 2, 3, 3]);
  });

  test.each([0, 1_001, 1.5])("with the limit %j of a list is refused", (limit) => {
    expect(problemOf(paging, { limit })).toBe("limit: not a whole number from 1 to 1000");
  });

  test("with the greatest limit of a list is taken", () => {
    expect(problemOf(paging, { limit: 1_000, offset: 1_000_000 })).toBeNull();
  });

  test.each(["", " ada", "ada ", "a\nb", "a\u2028b", "a\u0000b", "\ud800", "x".repeat(65), "🎲".repeat(33)])(
    "with the line %j is refused",
    (name) => {
      expect(problemOf({ name: line("name", 64) }, { name })).not.toBeNull();
    },
  );

  test("with a text may have several lines, but no NUL and no half of a character", () => {
    const shape = { content: text("comment", 1, 1_000) };
    for (const content of ["one\r\n\ttwo 🎲", "x".repeat(1_000), "🎲".repeat(500)])
      expect(problemOf(shape, { content })).toBeNull();
    for (const content of ["", "a\u0000b", "\ud83c", "\u001b[2J", "x".repeat(1_001), "🎲".repeat(501)])
      expect(problemOf(shape, { content })).not.toBeNull();
  });

  test.each([
    ...["../x", "a/b", "a\\b", ".", "..", "C:x", "", " x", "a\u0000", "a\u2029b", "\u202egnp.exe"],
    ...["x".repeat(101), "🎲".repeat(51)],
  ])("with the file name %j is refused", (filename) => {
    expect(problemOf({ filename: fileName }, { filename })).not.toBeNull();
  });

  test.each(["x", "..x", "run 12:30.png", "سباق.png", "x".repeat(100), "🎲".repeat(50)])(
    "with the file name %j is taken",
    (filename) => {
      expect(problemOf({ filename: fileName }, { filename })).toBeNull();
    },
  );

  test.each(["", "YQ", "YQ==\n", "Y Q=", "YR==", "*"])("with %j in place of base64 is refused", (file) => {
    expect(problemOf({ file: fileBytes }, { file })).not.toBeNull();
  });

  test("with a file takes its bytes, up to 6,000,000", () => {
    const largest = Buffer.alloc(6_000_000, 7);
    const read = readFields({ file: fileBytes }, { file: largest.toString("base64") });
    expect(read.ok && Buffer.compare(Buffer.from(read.values.file), largest)).toBe(0);
    const longer = Buffer.alloc(6_000_001).toString("base64");
    expect(problemOf({ file: fileBytes }, { file: longer })).not.toBeNull();
  });
});
