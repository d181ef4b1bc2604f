import { describe, expect, it } from "vitest";
import { type Key, KeyReader } from "../src/index.ts";

const named = (name: string): Key => ({ type: "named", name }) as Key;
const text = (each: string): Key => ({ type: "text", text: each });
const read = (...chunks: string[]): Key[] => {
  const reader = new KeyReader();
  return chunks.flatMap((chunk) => reader.push(chunk));
};

describe("keys", () => {
  it.each([
    ["\x1b[A", "up"],
    ["\x1b[B", "down"],
    ["\x1b[C", "right"],
    ["\x1b[D", "left"],
    ["\x1bOA", "up"],
    ["\r", "enter"],
    ["\n", "enter"],
    ["\t", "tab"],
    ["\x7f", "backspace"],
    ["\b", "backspace"],
    ["\x1b", "escape"],
    ["\x03", "interrupt"],
  ])("%j is %s", (sent, name) => {
    expect(read(sent)).toEqual([named(name)]);
  });

  it("come one by one out of a paste with any letters", () => {
    expect(read("aé漢😀")).toEqual(["a", "é", "漢", "😀"].map(text));
  });

  it("are recognised if their sequence arrives in pieces", () => {
    expect(read("x\x1b[", "A", "y")).toEqual([text("x"), named("up"), text("y")]);
    expect(read("\x1b[1;5", "C", "z")).toEqual([text("z")]);
  });

  it("that are unknown do nothing", () => {
    expect(read("\x1b[3~", "\x1b[200~", "\x01", "\x1b[1;5C")).toEqual([]);
  });

  it("do not wait endlessly for the end of a sequence", () => {
    expect(read(`\x1b[${"1;".repeat(40)}`).length).toBeGreaterThan(0);
  });
});
