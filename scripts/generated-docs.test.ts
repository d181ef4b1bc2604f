import { expect, test } from "vitest";
import { generatedPages } from "./generated-pages.ts";

/** `npm run docs` runs this with `--update`, which writes the pages instead of comparing them. */
test.each([...generatedPages])("%s is what the code says now", async (path, content) => {
  await expect(content).toMatchFileSnapshot(`../${path}`);
});
