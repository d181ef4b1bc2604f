import { lockKinds } from "@sallyport/lock-core";
import { type Environment } from "@sallyport/server-kit";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { LockRow, LocksAnswer, ServersAnswer, WhoisAnswer } from "./answers.ts";
import { adminUrl, ask } from "./ask.ts";
import { drainMapServer } from "./drain.ts";
import { locksText, serversText, whoisText } from "./tables.ts";

interface Outputs {
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly write: (text: string) => void;
  /** Called with an error that an operator has to correct. The process then ends with exit code 1. */
  readonly complain: (error: unknown) => void;
}

interface Asking {
  readonly admin?: string;
  readonly json?: true;
}

interface LockFilters {
  readonly kind?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly world?: string;
  readonly after?: string;
}

const limitMax = 10_000;
const pageMax = 1_000;

const help = `
Asks a running server at its admin port: the one that ADMIN_HOST and ADMIN_PORT name, or --admin. That server reads Redis
and Postgres and changes nothing. A server without REDIS_URL knows only itself.`;

export function addOperatorCommands(
  program: Command,
  { environment, nowMs, write, complain }: Outputs,
): void {
  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option("--admin <url>", "admin port of any login-server or char-server, like http://127.0.0.1:9464")
      .option("--json", "print the answer as JSON, for scripts")
      .addHelpText("after", help);

  const tell = async <Answer>(
    { json }: Asking,
    asking: () => Promise<Answer>,
    text: (answer: Answer) => string,
  ): Promise<Answer | null> => {
    try {
      const answer = await asking();
      write(json ? `${JSON.stringify(answer, null, 2)}\n` : text(answer));
      return answer;
    } catch (error) {
      complain(error);
      return null;
    }
  };

  command(
    "servers",
    "list the servers that are up, the maps that they host and the state of their links",
  ).action(async (options: Asking) => {
    const asking = async () => ask<ServersAnswer>(adminUrl(options.admin, environment), "/servers");
    await tell(options, asking, (answer) => serversText(answer, nowMs()));
  });

  command("locks", "list the locks: which server owns which account and character, and which timers run")
    .addOption(new Option("--kind <kind>", "only locks of this kind").choices(lockKinds))
    .option("--state <state>", "only locks in this state, like playing or evicting")
    .option("--owner <server>", "only locks that this server owns")
    .option("--world <name>", "only locks of this world")
    .option("--limit <count>", `number of locks to list, about; at most ${limitMax}`, count, 100)
    .option("--after <place>", "place at which the previous list ended")
    .action(async (options: Asking & LockFilters & { readonly limit: number }) => {
      const { limit, kind, state, owner, world, after } = options;
      const filters = Object.entries({ kind, state, owner, world, after }).filter(([, given]) => given);
      const asking = async () =>
        allLocks(adminUrl(options.admin, environment), Object.fromEntries(filters), limit);
      await tell(options, asking, ({ locks, ...rest }) => locksText(locks, rest));
    });

  command("whois <name>", "show who owns an account or character, and why it cannot log in").action(
    async (name: string, options: Asking) => {
      const asking = async () => ask<WhoisAnswer>(adminUrl(options.admin, environment), "/whois", { name });
      const answer = await tell(options, asking, whoisText);
      if (answer?.accounts.length === 0) process.exitCode = 1;
    },
  );

  program
    .command("drain <map-server>")
    .description("hand the maps and players of a map-server over to others, and stop it")
    .option("--admin <url>", "admin port of the char-server, like http://127.0.0.1:9464")
    .addHelpText(
      "after",
      "\nAsks the char-server at its admin port: the one that ADMIN_HOST and ADMIN_PORT name, or --admin. It needs CHAR_PASSWORD.",
    )
    .action(async (server: string, { admin }: Asking) => {
      try {
        await drainMapServer({ server, admin, environment, tell: (line) => write(`${line}\n`) });
      } catch (error) {
        complain(error);
      }
    });
}

/**
 * Reads pages until there are as many locks as requested, or no more pages. One page may not be enough,
 * because a filter may leave few of its locks.
 */
async function allLocks(at: URL, filters: LockFilters, limit: number): Promise<LocksAnswer> {
  const locks: LockRow[] = [];
  let { after } = filters;
  for (;;) {
    const part = String(Math.min(limit - locks.length, pageMax));
    const page = await ask<LocksAnswer>(at, "/locks", { ...filters, after, limit: part });
    locks.push(...page.locks);
    if (page.next === null || locks.length >= limit) return { ...page, locks };
    after = page.next;
  }
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= limitMax) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${limitMax}.`);
}
