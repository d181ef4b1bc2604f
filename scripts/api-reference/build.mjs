import { fileURLToPath } from "node:url";
import { Application } from "typedoc";

/*
 * Builds pages in HTML from the docstrings of what programs import:
 *
 *     node scripts/api-reference/build.mjs <folder>
 *
 * Replaces the folder. Fails if TypeDoc warns, for example because a function has no docstring.
 */

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder for the pages");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What programs import, and the module behind it. */
const modules = new Map([
  ["@sallyport/sdk/node", "packages/sdk/src/node/index.ts"],
  ["@sallyport/sdk/browser", "packages/sdk/src/browser/index.ts"],
  ["@sallyport/game", "packages/game/src/index.ts"],
  ["@sallyport/game/testing", "packages/game/src/testing.ts"],
]);

const app = await Application.bootstrap({
  name: "Sallyport",
  basePath: root,
  tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  entryPoints: [...modules.values()].map((path) => root + path),
  readme: "none",
  // Links to lines need a public repository.
  disableSources: true,
  excludePrivate: true,
  requiredToBeDocumented: ["Class", "Function", "Method"],
  packagesRequiringDocumentation: ["clock", "game", "game-core", "link", "sdk"].map(
    (of) => `@sallyport/${of}`,
  ),
  validation: { notDocumented: true },
});
/** TypeDoc names a module by the end of this. */
const nameOf = (path) => path.replace(/(\/index)?\.ts$/, "");

const project = await app.convert();
if (project === undefined) process.exit(1);
for (const module of project.children ?? []) {
  const [name] = [...modules].find(([, path]) => nameOf(path).endsWith(module.name)) ?? [];
  if (name === undefined) throw new Error(`no name for the page of ${module.name}`);
  module.name = name;
}
app.validate(project);
await app.generateDocs(project, folder);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
