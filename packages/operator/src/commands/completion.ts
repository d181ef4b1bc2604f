import { Argument, type Command } from "commander";

/* Scripts with which shells complete the words of the command. They are made from the commands themselves. */

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** The words that may follow the words of each command. The program itself has the path "". */
type Words = ReadonlyMap<string, readonly string[]>;

export function addCompletion(program: Command, write: (text: string) => void): void {
  program
    .command("completion")
    .description("print a script with which a shell completes the words of this command")
    .addArgument(new Argument("<shell>", "your shell").choices(shells))
    .addHelpText(
      "after",
      '\nbash, zsh: eval "$(sallyport completion bash)". fish: sallyport completion fish | source',
    )
    .action((shell: Shell) => write(completionScript(shell, program)));
}

export function completionScript(shell: Shell, program: Command): string {
  const words = wordsOf(program);
  const name = program.name();
  if (shell === "fish") return fishScript(name, words);
  return `${shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : ""}${bashScript(name, words)}`;
}

function wordsOf(command: Command, path = ""): Words {
  const options = command.options.flatMap(({ long }) => long ?? []);
  const commands = command.commands.map((each) => each.name());
  return new Map([
    [path, [...commands, ...options, "--help"]],
    ...command.commands.flatMap((each) => [...wordsOf(each, `${path} ${each.name()}`)]),
  ]);
}

const bashScript = (name: string, words: Words): string => `_${name}() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ${pathsOf(words).join("|")}) path="$path $word" ;;
    esac
  done
  local words=""
  case "$path" in
${[...words].map(([path, all]) => `    "${path}") words="${all.join(" ")}" ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _${name} ${name}
`;

const fishScript = (name: string, words: Words): string => `function __${name}_words
    set -l path ""
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case ${pathsOf(words).join(" ")}
                set path "$path $word"
        end
    end
    switch "$path"
${[...words].map(([path, all]) => `        case "${path}"\n            printf '%s\\n' ${all.join(" ")}`).join("\n")}
    end
end
complete -c ${name} -f -a '(__${name}_words)'
`;

const pathsOf = (words: Words): readonly string[] =>
  [...words.keys()].filter((path) => path !== "").map((path) => `"${path}"`);
