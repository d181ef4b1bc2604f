import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { type Decoder, judge } from "./decoder.ts";
import { decoders } from "./listed.ts";
import { main } from "./main.ts";
import { anySeed, describeFailure, run } from "./run.ts";
import { anyStream, streamDecoder } from "./stream.ts";

/** Here each decoder runs only this many times. `npm run fuzz` runs them more often. */
const runs = 40;
/** With one seed, the decoders accept and refuse the same input each time. */
const knownSeed = 1;

describe("for any bytes,", () => {
  test.each(decoders.map((decoder) => [decoder.name, decoder] as const))(
    "%s accepts them with their meaning or refuses them, and nothing else happens",
    async (_, decoder) => {
      const known = await run(decoder, { seed: knownSeed, runs });
      const others = await run(decoder, { seed: anySeed(), runs });
      for (const { failure } of [known, others]) {
        if (failure !== null) throw new Error(describeFailure(decoder, failure));
      }
      // Runs that accept all input, or none, would prove nothing. Random runs may do so by bad luck.
      const { tally } = known;
      expect(Math.min(tally.taken, tally.refused)).toBeGreaterThan(0);
    },
  );
});

class Refused extends Error {}

/** Reads the length from the first four bytes. */
const lengthOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
/** These arrays stay referenced, so that the garbage collector does not free them during a measurement. */
const believed: Uint8Array[] = [];
const planted: readonly (Decoder & { readonly fault: string })[] = [
  {
    fault: "trusts a wrong length",
    name: "planted",
    property: (tally) =>
      fc.property(fc.constantFrom(1, 64 << 20), (length) => {
        const bytes = Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length);
        judge(tally, Refused, bytes.length, () => believed.push(new Uint8Array(lengthOf(bytes))));
      }),
  },
  {
    fault: "throws something other than a refusal",
    name: "planted",
    property: (tally) =>
      fc.property(fc.uint8Array(), (bytes) => {
        judge(tally, Refused, bytes.length, () => lengthOf(bytes));
      }),
  },
  {
    fault: "accepts part of a message",
    ...streamDecoder({
      name: "planted",
      bytes: anyStream(fc.array(fc.uint8Array({ maxLength: 8 }))),
      open: () => ({ receive: (chunk) => [chunk.length], said: () => [] }),
    }),
  },
];

describe("a decoder that", () => {
  test.each(planted)("$fault is detected, and the printed command repeats it", async (decoder) => {
    const printed: string[] = [];
    const fuzz = (...args: string[]) => main(args, (line) => printed.push(line), [decoder]);
    expect(await fuzz("--minutes", "0.05")).toBe(1);
    const [, seed = "", path = ""] =
      /--only "planted" --seed (\d+) --path ([\d:]+)$/.exec(printed.at(-1) ?? "") ?? [];
    const counterexample = /counterexample: .*/.exec(printed.join("\n"))?.[0] ?? "none";
    printed.length = 0;
    expect(await fuzz("--only", "planted", "--seed", seed, "--path", path)).toBe(1);
    expect(printed.join("\n")).toContain(counterexample);
  });
});

describe("the fuzz command", () => {
  const parse = (...args: string[]) => parseCommandLine(args, ["frames", "table one", "table two"]);

  test("accepts minutes, a decoder, a seed and a path", () => {
    expect(parse()).toMatchObject({ ok: true, value: { minutes: 1 } });
    const all = ["--minutes", "0.5", "--only", "frames", "--seed", "7", "--path", "1:0"];
    expect(parse(...all)).toEqual({
      ok: true,
      value: { minutes: 0.5, only: "frames", seed: 7, path: "1:0" },
    });
  });

  test("lists its options and all decoders", () => {
    expect(parse("--help")).toMatchObject({ exitCode: 0, text: expect.stringContaining("--minutes") });
    expect(parse("--list")).toMatchObject({ exitCode: 0, text: "frames\ntable one\ntable two\n" });
  });

  test.each([["--minutes", "0"], ["--seed", "x"], ["--only", "none"], ["--path", "1"], ["--what"]])(
    "refuses %s %s",
    (...args) => {
      expect(parse(...args.filter((arg) => arg !== undefined))).toMatchObject({ ok: false, exitCode: 2 });
    },
  );
});
