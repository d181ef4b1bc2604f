import { commandSettings } from "../packages/cli/src/commands/command-settings.ts";
import { byTopic, fileVariableOf, type Setting, settingTopics } from "../packages/server-kit/src/index.ts";

export const settingsSource = "the tables of settings in packages/cli, packages/server-kit and the servers";

/** A process names a misspelled setting of another server too, and does not load that server for it. */
export function settingNames(): string {
  const settings = Object.values(commandSettings)
    .flat()
    .flatMap((group) => Object.values<Setting<unknown>>(group));
  const names = settings.flatMap(({ variable, isSecret }) =>
    isSecret === true ? [variable, fileVariableOf(variable)] : [variable],
  );
  const lines = [...new Set(names)].sort().map((name) => `  "${name}",`);
  return `/* GENERATED from the settings of all commands. Run: npm run docs */

/** The names of the settings of all commands, and of the files for secret ones. */
export const settingNames: readonly string[] = [
${lines.join("\n")}
];
`;
}

/** The parts of the page about settings. */
export function settingsParts(): readonly string[] {
  const readers = new Map<string, Map<string, Setting<unknown>>>();
  for (const [command, groups] of Object.entries(commandSettings)) {
    for (const setting of groups.flatMap((group) => Object.values<Setting<unknown>>(group))) {
      const commands = readers.get(setting.variable) ?? new Map<string, Setting<unknown>>();
      readers.set(setting.variable, commands.set(command, setting));
    }
  }
  const each = [...readers.values()].flatMap((commands) => [...commands.values()].slice(0, 1));
  const sections = [...byTopic(each)].map(([topic, settings]) => {
    if (topic === null) throw new Error(`no topic: ${settings.map(({ variable }) => variable).join(", ")}`);
    const sorted = [...settings].sort((a, b) => (a.variable < b.variable ? -1 : 1));
    const rows = sorted.map(({ variable, doc, isSecret, allowed: values }) => {
      const allowed = [values, isSecret && `or in the file \`${fileVariableOf(variable)}\``]
        .filter(Boolean)
        .join(", ");
      const commands = readers.get(variable) ?? new Map<string, Setting<unknown>>();
      return `| \`${variable}\` | ${[...commands.keys()].join(", ")} | ${fallbacksOf(commands)} | ${allowed} | ${doc} |`;
    });
    return {
      title: settingTopics[topic],
      table: [
        "| variable | read by | default | allowed | what |",
        "| --- | --- | --- | --- | --- |",
        ...rows.sort(),
      ],
    };
  });
  return [
    `Environment variables, and which of the commands \`sallyport up\`, \`login\`, \`char\`, \`map\`, \`gateway\`, \`front\` and \`resource\`
read them. \`sallyport <command> --help\` lists those of one command.

- An empty variable counts as not set.
- A secret can be in a file: \`DATABASE_URL_FILE=/run/secrets/database\` instead of \`DATABASE_URL\`. A line break at the end
  of the file does not count.
- A command checks all its settings before it starts, and names everything that is wrong with them at once.
- A variable that is nearly named like a setting, or begins with the first word of one, causes a warning.
- Kubernetes sets variables like \`LOGIN_PORT=tcp://10.0.0.1:7100\` for its services. Such a value of a port counts as not set.`,
    sections.map(({ title }) => `- [${title}](#${anchorOf(title)})`).join("\n"),
    ...sections.flatMap(({ title, table }) => [`## ${title}`, table.join("\n")]),
  ];
}

/**
 * Describes the default of a setting. If commands have different defaults, the most common one comes first.
 */
function fallbacksOf(commands: ReadonlyMap<string, Setting<unknown>>): string {
  const by = new Map<string, readonly string[]>();
  for (const [command, { fallback, isSecret }] of commands) {
    const shown =
      fallback === null ? "*required*" : isSecret === true || fallback === "" ? "–" : `\`${fallback}\``;
    by.set(shown, [...(by.get(shown) ?? []), command]);
  }
  const [[usual] = ["–"], ...others] = [...by].sort(([, a], [, b]) => b.length - a.length);
  return [usual, ...others.map(([shown, those]) => `${those.join(", ")}: ${shown}`)].join("; ");
}

/** Returns the anchor that GitHub makes from this heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}
