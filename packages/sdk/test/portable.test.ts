import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const src = new URL("../src/", import.meta.url);

it("the SDK runs in browsers: only src/node imports Node's modules", () => {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files).toContain("client.ts");
  const portable = files.filter((file) => !file.startsWith("node"));
  for (const file of portable) {
    const text = readFileSync(new URL(file, src), "utf8");
    expect(text, file).not.toMatch(
      /from "node:|@sallyport\/link\/tcp|@sallyport\/link\/websocket|\bprocess\.|\bBuffer\b|require\(/,
    );
  }
});
