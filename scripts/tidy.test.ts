import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { oldestNode } from "../packages/cli/node-version.mjs";
import { packageFolders } from "./packages.mjs";

/* These tests check the house rules. Each test lists the places that break its rule. */

const root = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  /** The path starts at the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** This is the text without comments and strings, with the same line numbers. */
  readonly code: string;
}

function sourcesIn(folder: string): Source[] {
  if (!existsSync(join(root, folder))) return [];
  return (
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
      // Node 24 and newer also list what the links in there lead to.
      .filter((path) => !path.includes("/node_modules/"))
      .map((path) => {
        const text = readFileSync(join(root, path), "utf8");
        return { path, text, code: withoutWords(text) };
      })
  );
}

function withoutWords(text: string): string {
  const words = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;
  return text.replaceAll(words, (found) => found.replaceAll(/[^\n]/g, " "));
}

const inPackages = (folder: string): Source[] =>
  packageFolders.flatMap((name) => sourcesIn(`${name}/${folder}`));
const isScript = ({ path }: Source): boolean => /\.(ts|mjs|js)$/.test(path);

const sources = inPackages("src").filter(isScript);
const scripts = sourcesIn("scripts").filter(isScript);
const tests = [
  ...inPackages("test").filter(isScript),
  ...scripts.filter(({ path }) => path.endsWith(".test.ts")),
];
const everything = [...new Set([...sources, ...scripts, ...tests])];

/** Returns the places where the pattern matches, as `path:line`. */
function found(pattern: RegExp, files: readonly Source[], part: "text" | "code" = "code"): string[] {
  return files.flatMap((file) =>
    [...file[part].matchAll(new RegExp(pattern, "g"))].map(
      (match) => `${file.path}:${file[part].slice(0, match.index).split("\n").length}`,
    ),
  );
}

const hasWord = (text: string, word: string): boolean => new RegExp(`(?<!\\w)${word}\\b`).test(text);

describe("files", () => {
  test("have no more than 400 lines", () => {
    const long = everything.filter(({ text }) => text.trimEnd().split("\n").length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test("are named for their contents, and never utils, helpers, common, types or manager", () => {
    const nothing = /^(utils?|helpers?|common|types|managers?|misc)$/;
    const vague = everything.filter(({ path }) =>
      path.split("/").some((part) =>
        basename(part)
          .split(/[-.]/)
          .some((word) => nothing.test(word)),
      ),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});

describe("tests", () => {
  test("wait for a condition, never for a length of time", () => {
    // Pages show the examples to authors of programs, which may wait.
    const others = tests.filter(({ path }) => !path.includes("/test/example/"));
    expect(found(/\b(setTimeout|sleep|delay)\(/, others)).toEqual([]);
    expect(found(/\bfrom "node:timers\/promises"/, tests, "text")).toEqual([]);
  });

  test("are never skipped", () => {
    expect(found(/\b(test|it|describe)\.(only|skip|todo)\b/, tests)).toEqual([]);
  });
});

describe("sources", () => {
  test("end the process only in a main file", () => {
    const others = sources.filter(({ path }) => basename(path) !== "main.ts");
    expect(found(/\bprocess\.exit\(/, others)).toEqual([]);
  });

  test("never swallow an error that they catch", () => {
    expect(found(/\.catch\(\s*\(\w*\)\s*=>\s*\{\s*\}\s*,?\s*\)/, sources, "text")).toEqual([]);
  });

  /**
   * A spread also passes on fields that have the same name only by accident. The compiler does not report
   * that.
   */
  test("pass on dependencies and settings by name, if they ship", () => {
    const shipping = sources.filter(({ path }) => !path.startsWith("packages/proving/"));
    expect(found(/(?<!\[)\.\.\.(this\.#)?(deps|settings|shell|host|needs)\b(?![.(])/, shipping)).toEqual([]);
  });

  test("import each other in no circle, not even for types", () => {
    const imports = new Map(
      sources.map(({ path, text }) => [
        path,
        [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, to = ""]) => join(path, "..", to)),
      ]),
    );
    /** Returns a way from the last of these files back to the first, or null if there is none. */
    const circle = (way: readonly string[], seen: Set<string>): readonly string[] | null => {
      for (const next of imports.get(way.at(-1) ?? "") ?? []) {
        if (next === way[0]) return way;
        if (seen.has(next)) continue;
        const found = circle([...way, next], seen.add(next));
        if (found !== null) return found;
      }
      return null;
    };
    const circles = [...imports.keys()].map((path) => circle([path], new Set())?.join(" → ") ?? "");
    expect(circles.filter((way) => way !== "")).toEqual([]);
  });

  test("say account, lock, link or visit, and never a word that means all four", () => {
    expect(found(/\w*session\w*/i, sources)).toEqual([]);
  });
});

test("every Lua script's header documents the keys and arguments that it uses, and no others", () => {
  const named = (text: string): string[] => [...new Set(text.match(/\b(KEYS|ARGV)\[\d+\]/g))].sort();
  const scriptsOfRedis = inPackages("lua").filter(({ path }) => path.endsWith(".lua"));
  for (const { path, text } of scriptsOfRedis) {
    const isComment = (line: string): boolean => line.trimStart().startsWith("--");
    const lines = text.split("\n");
    const documented = named(lines.filter(isComment).join("\n"));
    expect(documented, path).toEqual(named(lines.filter((line) => !isComment(line)).join("\n")));
  }
});

/** Programs outside of this repository import this package, so its README is a page for them. */
const manual = "packages/sdk/README.md";

describe("the README of a package", () => {
  const readmes = packageFolders.map((folder) => {
    const path = `${folder}/README.md`;
    return { folder, path, text: existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "" };
  });

  test("is there, and has 10 to 25 lines, unless it is a manual", () => {
    const lines = (text: string): number => text.trimEnd().split("\n").length;
    const others = readmes.filter(
      ({ path, text }) => lines(text) < 10 || (lines(text) > 25 && path !== manual),
    );
    expect(others.map(({ path, text }) => `${path}: ${lines(text)} lines`)).toEqual([]);
  });

  test("names the packages of the project that package.json allows to import", () => {
    const own = "@sallyport/";
    for (const { folder, path, text } of readmes) {
      const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
        dependencies?: Record<string, string>;
      };
      const allowed = Object.keys(manifest.dependencies ?? {}).filter((of) => of.startsWith(own));
      const [sentence = ""] = /^May import: [^.]*/m.exec(text) ?? [];
      const named = [...sentence.matchAll(/`([\w-]+)`/g)].map(([, of = ""]) => own + of);
      expect(named.sort(), path).toEqual(allowed.sort());
    }
  });

  test("links to files that exist and contain the name", () => {
    const wrong = readmes.flatMap(({ folder, path, text }) =>
      [...text.matchAll(/\[`?([^\]`]+)`?\]\(([^)]+)\)/g)].flatMap(([link, word = "", to = ""]) => {
        const file = join(root, folder, to.replace(/#.*/, ""));
        const isNamed =
          !link.startsWith("[`") || (existsSync(file) && hasWord(readFileSync(file, "utf8"), word));
        return existsSync(file) && isNamed ? [] : [`${path}: ${link}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

test("CONTRIBUTING.md says where at least 25 rules are, and each is there", () => {
  const page = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const rows = [...page.matchAll(/^\| [^|]+ \| \[[^\]]+\]\((packages\/[^)]+)\) \| `([^`]+)` \|$/gm)];
  const wrong = rows.filter(([, path = "", name = ""]) => {
    const file = join(root, path);
    return !existsSync(file) || !hasWord(readFileSync(file, "utf8"), name);
  });
  expect(wrong.map(([row]) => row)).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(25);
});

test("docs/architecture.md lists every package once", () => {
  const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const listed = [...page.matchAll(/^\|[^|]*\| \[`([\w-]+)`\]\(\.\.\/([\w/-]+)\) \|/gm)];
  expect(listed.map(([, , folder]) => folder).sort()).toEqual([...packageFolders].sort());
  expect(listed.map(([, name]) => name)).toEqual(listed.map(([, , folder = ""]) => basename(folder)));
});

test("all packages have one version, and no source repeats it", () => {
  const versions = ["package.json", ...packageFolders.map((folder) => `${folder}/package.json`)].map(
    (path) => (JSON.parse(readFileSync(join(root, path), "utf8")) as { readonly version: string }).version,
  );
  const [version = ""] = versions;
  expect([...new Set(versions)]).toEqual([version]);
  const quoted = new RegExp(`["'\`]${version.replaceAll(".", "\\.")}["'\`]`);
  expect(sources.filter(({ text }) => quoted.test(text)).map(({ path }) => path)).toEqual([]);
});

test("all packages that name the versions of Node on which they run name the same", () => {
  const engines = ["package.json", ...packageFolders.map((folder) => `${folder}/package.json`)].flatMap(
    (path) =>
      (JSON.parse(readFileSync(join(root, path), "utf8")) as { engines?: { node: string } }).engines?.node ??
      [],
  );
  expect(engines.length).toBeGreaterThan(1);
  expect([...new Set(engines)]).toEqual([`>=${oldestNode}`]);
});

test("every version of a dependency is named once, in the catalog", () => {
  const folders = ["scripts/api-reference", "scripts/newest-node", ...packageFolders];
  const manifests = ["package.json", ...folders.map((folder) => `${folder}/package.json`)];
  const elsewhere = manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    return ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
      .flatMap((kind) => Object.entries(manifest[kind] ?? {}))
      .filter(([, version]) => !version.startsWith("catalog:") && version !== "workspace:*")
      .map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(elsewhere).toEqual([]);
});

const pages = [
  ...sourcesIn("docs"),
  ...["README.md", "CONTRIBUTING.md", manual]
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })),
].filter(({ path }) => path.endsWith(".md"));

test("pages wrap at 110 columns, except tables and generated pages", () => {
  const written = pages.filter(({ text }) => !text.includes("<!-- GENERATED"));
  const long = written.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) => (line.length > 110 && !line.startsWith("|") ? [`${path}:${index + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

/** Pages cite a test like this: `packages/wire/test/frame.test.ts` › "a frame is its length". */
test("every test that a page names exists", () => {
  const missing = pages.flatMap(({ path: page, text }) =>
    [...text.matchAll(/`([\w./-]+\.test\.ts)`(?:\s+›\s+"([^"]+)")?/g)].flatMap(([, path = "", title]) => {
      if (!existsSync(join(root, path))) return [`${page}: ${path}`];
      // The page may break a title over two lines.
      const isThere =
        title === undefined || readFileSync(join(root, path), "utf8").includes(title.replaceAll(/\s+/g, " "));
      return isThere ? [] : [`${page}: ${path} › ${title}`];
    }),
  );
  expect(missing).toEqual([]);
});

test("every guarantee names a test that holds it", () => {
  const page = join(root, "docs/guarantees.md");
  if (!existsSync(page)) return;
  const guarantees = readFileSync(page, "utf8").split(/^##+ /m).slice(1);
  const bare = guarantees.filter((text) => !/\.test\.ts`\s+›\s+"/.test(text));
  expect(bare.map((text) => text.split("\n")[0])).toEqual([]);
});
