import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

test("a game finds all that `@sallyport/game` exports", () => {
  const { paths } = read("../game-tsconfig.json").compilerOptions;
  const { exports } = read("../../game/package.json") as { exports: Record<string, { default: string }> };
  const folder = "./node_modules/@sallyport/game/";
  for (const [name, { default: file }] of Object.entries(exports)) {
    const [path] = name === "." ? paths["@sallyport/game"] : paths["@sallyport/game/*"];
    expect(path.replace("*", name.slice(2)), name).toBe(folder + file.slice(2));
  }
});
