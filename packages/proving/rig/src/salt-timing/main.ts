import { randomBytes } from "node:crypto";
import { explain, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Random } from "@sallyport/random";
import { Command } from "commander";
import pg from "pg";
import { tell } from "../tell.ts";
import { Topology } from "../topology/topology.ts";
import { SaltAsker } from "./salt-asker.ts";
import { auc, aucByChance, median, shuffle } from "./statistics.ts";

/*
 * Measures whether the time until a salt arrives reveals which names exist. This program asks for existing
 * and unknown names in random order.
 */

const program = new Command("salt-timing")
  .description("Measures whether the time until a salt is offered reveals which account names exist.")
  .option("--names <n>", "number of existing and of unknown names", wholeNumber(2, 1_000), 20)
  .option("--samples <n>", "number of requests for each name", wholeNumber(2, 100_000), 300)
  .option("--accounts <n>", "number of accounts in the database", wholeNumber(10, 1_000_000), 5_000)
  .option("--seed <n>", "seed of the order in which names are asked for", wholeNumber(0, 2 ** 31), 1)
  .showHelpAfterError();

interface Options {
  readonly names: number;
  readonly samples: number;
  readonly accounts: number;
  readonly seed: number;
}

/** The first rounds are not counted, because the code and the caches of the server are still cold. */
const warmUpRounds = 20;
const anyName = (): string => `n${randomBytes(7).toString("hex")}`;

async function makeAccounts(databaseUrl: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, anyName);
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    await database.query(
      `INSERT INTO accounts (name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key)
       SELECT name, 'female', substr(sha256(convert_to(name || 'a', 'UTF8')), 1, 16), 19456, 2, 1,
         sha256(convert_to(name || 'b', 'UTF8')), sha256(convert_to(name || 'c', 'UTF8'))
       FROM unnest($1::text[]) AS name`,
      [names],
    );
    await database.query("VACUUM ANALYZE accounts");
  } finally {
    await database.end();
  }
  return names;
}

type Samples = ReadonlyMap<string, number[]>;

async function measure(asker: SaltAsker, names: readonly string[], options: Options): Promise<Samples> {
  const random = new Random(`seed ${options.seed}`);
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUpRounds; round < options.samples; round += 1) {
    for (const name of shuffle(names, random)) {
      const { ms, isOffered } = await asker.ask(name);
      if (!isOffered) throw new Error("the server refused to offer a salt");
      if (round >= 0) samples.get(name)?.push(ms);
    }
  }
  return samples;
}

async function run(options: Options): Promise<void> {
  const topology = await Topology.start({
    ...{ mapServers: 0, loginServers: 1, gateway: false, tell },
    // With the usual limit, the server would delay so many requests from one client.
    settings: { LOGIN_COMMANDS_PER_SECOND: "100000" },
  });
  try {
    const accounts = await makeAccounts(topology.databaseUrl, options.accounts);
    const real = shuffle(accounts, new Random(`seed ${options.seed}`)).slice(0, options.names);
    const unknown = Array.from({ length: options.names }, anyName);
    const asker = await SaltAsker.connect(topology.entry.tcp);
    tell(`asking for ${options.names} names of each kind, ${options.samples} times each`);
    const samples = await measure(asker, [...real, ...unknown], options);
    asker.close();
    const of = (names: readonly string[]): number[][] => names.map((name) => samples.get(name) ?? []);
    process.stdout.write(describe(of(real), of(unknown), new Random(`seed ${options.seed}`)));
  } finally {
    await topology.stop();
  }
}

function describe(real: readonly number[][], unknown: readonly number[][], random: Random): string {
  const [ofReal, ofUnknown] = [real.flat(), unknown.flat()];
  const [realNames, unknownNames] = [real.map(median), unknown.map(median)];
  const [low, high] = aucByChance(realNames, unknownNames, random);
  const found = auc(realNames, unknownNames);
  const isChance = found >= low && found <= high;
  return `median, real names     ${median(ofReal).toFixed(4)} ms
median, unknown names  ${median(ofUnknown).toFixed(4)} ms
AUC, one question      ${auc(ofReal, ofUnknown).toFixed(3)}   0.5: a question tells nothing
AUC, a name's median   ${found.toFixed(3)}   by chance alone ${low.toFixed(3)} to ${high.toFixed(3)} in 95 of 100 runs
${isChance ? "Not told apart by this run." : "Told apart more often than by chance; run it again before believing it."}
Other work on the machine hides what there is to see: an idle one shows more.
`;
}

const parsed = parseProgram(program, process.argv.slice(2), () => program.opts<Options>());
if (parsed.ok) await run(parsed.value);
else process.exitCode = explain(parsed);
