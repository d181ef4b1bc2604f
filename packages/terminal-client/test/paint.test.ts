import { columnsOf, printable } from "@sallyport/command-line";
import { describe, expect, it } from "vitest";
import { Display, paint } from "../src/index.ts";
import { line, span } from "../src/paint.ts";
import { clip, clipStart, fit, wrap } from "../src/text.ts";

describe("text of other players", () => {
  it("cannot control the terminal", () => {
    const hostile = "a\x1b[2Jb\x07c\u009bd\u202ee\u2028f\r\n";
    expect(printable(hostile)).toBe("a·[2Jb·c·d·e·f··");
    expect(paint(line(hostile), 80, true)).toBe("a·[2Jb·c·d·e·f··");
  });

  it("is measured in columns, not letters", () => {
    expect([columnsOf("abc"), columnsOf("漢字"), columnsOf("e\u0301"), columnsOf("😀")]).toEqual([
      3, 4, 1, 2,
    ]);
    expect(clip("漢字", 3)).toBe("漢");
    expect(clipStart("abcdef", 3)).toBe("def");
    expect(fit("漢字", 5)).toBe("漢字 ");
    expect(fit("abcdef", 4)).toBe("abcd");
  });
});

describe("text that is too long for one row", () => {
  it("continues in the next row, between words if possible", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrap("abcdefghij kl", 4)).toEqual(["abcd", "efgh", "ij", "kl"]);
    expect(wrap("漢字漢字", 4)).toEqual(["漢字", "漢字"]);
    expect(wrap("", 4)).toEqual([""]);
  });
});

describe("a painted line", () => {
  it("is never wider than the terminal, and ends its styles", () => {
    const spans = [span("abc", "bold"), span("def")];
    expect(paint(spans, 4, true)).toBe("\x1b[1mabc\x1b[0md");
    expect(paint(spans, 2, true)).toBe("\x1b[1mab\x1b[0m");
  });

  it("has no colours if they are not wanted", () => {
    expect(paint([span("#", "wall"), span("@", "self")], 9, false)).toBe("#\x1b[1m@\x1b[0m");
  });
});

describe("the display", () => {
  const open = () => {
    const written: string[] = [];
    const output = {
      write: (text: string) => written.push(text) > 0,
      columns: 20,
      rows: 5,
      writableNeedDrain: false,
    };
    const display = new Display(output, true);
    display.open();
    written.length = 0;
    return { display, output, written };
  };

  it("writes only changed parts", () => {
    const { display, written } = open();
    display.show([line("one"), line("two")]);
    display.show([line("one"), line("2")]);
    expect(written).toEqual(["\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K", "\x1b[2;1H2\x1b[K"]);
  });

  it("skips a picture if the terminal is too busy", () => {
    const { display, output, written } = open();
    output.writableNeedDrain = true;
    expect(display.show([line("one")])).toBe(false);
    expect(written).toEqual([]);
  });

  it("restores the terminal once, with its cursor, and draws no more", () => {
    const { display, written } = open();
    display.close();
    display.close();
    display.show([line("late")]);
    expect(written).toEqual(["\x1b[0m\x1b[?25h\x1b[?1049l"]);
  });
});
