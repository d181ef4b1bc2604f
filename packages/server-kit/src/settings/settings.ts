import { hostname } from "node:os";
import { fileVariableOf, secretIn } from "./secret-files.ts";
import { byTopic, type SettingTopic, settingTopics } from "./setting-topics.ts";

export interface Setting<out T> {
  readonly variable: string;
  /**
   * The help text. It contains the unit of a number. A reader does not need the help texts of other settings.
   */
  readonly doc: string;
  /** The allowed values, such as `1 to 100`. Absent if `doc` already says which values are allowed. */
  readonly allowed?: string;
  readonly topic?: SettingTopic;
  /** The text that replaces an absent variable. If it is null, the variable must be set. */
  readonly fallback: string | null;
  /**
   * If this is true, the value is never shown in `--help` output or in logs, and may be in a file instead: the
   * variable with `_FILE` at its end names that file.
   */
  readonly isSecret?: boolean;
  /** The variable that holds the address. Absent unless the process listens on the port in this setting. */
  readonly hostVariable?: string;
  /**
   * Returns true if another program set the variable for its own purpose. The variable then counts as absent.
   */
  isForeign?(text: string): boolean;
  /**
   * Returns the value. For an invalid text, returns the problem or the expected form. This answer must not
   * contain a secret.
   */
  parse(
    text: string,
  ):
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly expected: string }
    | { readonly ok: false; readonly problem: string };
}

export type Settings = { readonly [name: string]: Setting<unknown> };
export type SettingValues<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};
export type Environment = { readonly [variable: string]: string | undefined };

/** Holds all problems at once, so that an operator can correct all of them together. */
export class SettingsInvalid extends Error {
  override readonly name = "SettingsInvalid";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/**
 * Returns the text of the variable, or the content of the file that holds the secret. Returns null in two cases. 1: the
 * variable is absent or empty. 2: `isForeign` is true. Throws `SettingsInvalid` if the file cannot be used.
 */
export function givenText(
  { variable, isForeign, isSecret }: Setting<unknown>,
  environment: Environment,
): string | null {
  const given = environment[variable];
  const text = given === undefined || given === "" || isForeign?.(given) === true ? null : given;
  const fileVariable = fileVariableOf(variable);
  const path = isSecret === true ? (environment[fileVariable] ?? "") : "";
  if (path === "") return text;
  if (text !== null) throw new SettingsInvalid([`${variable} and ${fileVariable} are both set: remove one`]);
  const found = secretIn(path);
  if (!found.ok) throw new SettingsInvalid([`${fileVariable}: ${found.problem}`]);
  return found.text;
}

export function readSettings<S extends Settings>(settings: S, environment: Environment): SettingValues<S> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    let text: string | null;
    try {
      text = givenText(setting, environment) ?? setting.fallback;
    } catch (error) {
      if (!(error instanceof SettingsInvalid)) throw error;
      problems.push(...error.problems);
      continue;
    }
    if (text === null) {
      problems.push(`${setting.variable} must be set: ${setting.doc}`);
      continue;
    }
    const parsed = setting.parse(text);
    if (parsed.ok) values[name] = parsed.value;
    else if ("problem" in parsed) problems.push(`${setting.variable}: ${parsed.problem}`);
    else {
      const shown = setting.isSecret === true ? "its value" : JSON.stringify(text);
      problems.push(`${setting.variable}: ${shown} is not ${parsed.expected}`);
    }
  }
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return values as SettingValues<S>;
}

/** Runs all readers. If some of them fail, one `SettingsInvalid` reports the problems of all. */
export async function readTogether<R extends { readonly [name: string]: () => unknown }>(
  readers: R,
): Promise<{ readonly [K in keyof R]: Awaited<ReturnType<R[K]>> }> {
  const reads = Object.entries(readers).map(async ([name, read]) => [name, await read()] as const);
  const settled = await Promise.allSettled(reads);
  const problems = settled.flatMap((each) => {
    if (each.status === "fulfilled") return [];
    if (each.reason instanceof SettingsInvalid) return each.reason.problems;
    throw each.reason;
  });
  if (problems.length > 0) throw new SettingsInvalid([...new Set(problems)]);
  const values = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  return Object.fromEntries(values) as { [K in keyof R]: Awaited<ReturnType<R[K]>> };
}

/** Returns the text for `--help`: one line for each variable, grouped by topic. */
export function describeSettings(groups: readonly Settings[]): string {
  const settings = groups.flatMap(Object.values<Setting<unknown>>);
  const width = Math.max(0, ...settings.map(({ variable }) => variable.length));
  const line = (setting: Setting<unknown>): string =>
    `  ${setting.variable.padEnd(width)}  ${setting.doc}${boundsOf(setting)}`;
  return [...byTopic(settings)]
    .flatMap(([topic, each]) => [...(topic === null ? [] : ["", settingTopics[topic]]), ...each.map(line)])
    .join("\n");
}

function boundsOf({ variable, fallback, isSecret, allowed }: Setting<unknown>): string {
  const isShown = fallback !== "" && isSecret !== true;
  const usual = fallback === null ? "required" : isShown ? `default ${fallback}` : null;
  const secret = isSecret === true ? `or in the file that ${fileVariableOf(variable)} names` : null;
  const bounds = [usual, allowed, secret].filter((each) => each != null).join("; ");
  return bounds === "" ? "" : ` [${bounds}]`;
}

type Options = { readonly fallback?: string; readonly isSecret?: boolean; readonly allowed?: string };

function setting<T>(variable: string, doc: string, options: Options, parse: Setting<T>["parse"]): Setting<T> {
  return { variable, doc, fallback: null, ...options, parse };
}

export const textSetting = (
  variable: string,
  doc: string,
  { pattern, expected, ...options }: Options & { pattern?: RegExp; expected?: string } = {},
) =>
  setting<string>(
    variable,
    doc,
    expected === undefined ? options : { allowed: expected, ...options },
    (text) =>
      pattern === undefined || pattern.test(text)
        ? { ok: true, value: text }
        : { ok: false, expected: expected ?? `of the form ${pattern.source}` },
  );

const serverName = /^[\w.-]{1,32}$/;

/**
 * A setting for the name of a server. `@machine` becomes the host name, because replicas of one container
 * differ only in their host names.
 */
export const serverNameSetting = (variable: string, doc: string, fallback: string) =>
  setting<string>(
    variable,
    `${doc} @machine stands for the host name of the machine.`,
    { fallback, allowed: "1 to 32 letters, digits, _, . or -; or @machine" },
    (text) => {
      const value = text === "@machine" ? hostname() : text;
      return serverName.test(value)
        ? { ok: true, value }
        : { ok: false, expected: `1 to 32 letters, digits, _, . or -, which ${value} is not` };
    },
  );

/**
 * A setting that is null if the variable is absent. Use it for settings whose default is not a text. `problemOf`
 * returns what is wrong with a text, or null.
 */
export const optionalTextSetting = (
  variable: string,
  doc: string,
  { problemOf, ...options }: Options & { problemOf?(text: string): string | null } = {},
) =>
  setting<string | null>(variable, doc, { ...options, fallback: "" }, (text) => {
    if (text === "") return { ok: true, value: null };
    const problem = problemOf?.(text) ?? null;
    return problem === null ? { ok: true, value: text } : { ok: false, problem };
  });

export const countSetting = (variable: string, doc: string, fallback: number, min: number, max: number) =>
  setting<number>(variable, doc, { fallback: String(fallback), allowed: `${min} to ${max}` }, (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max
      ? { ok: true, value }
      : { ok: false, expected: `a whole number from ${min} to ${max}` };
  });

export const flagSetting = (variable: string, doc: string, fallback: boolean) =>
  setting<boolean>(variable, doc, { fallback: fallback ? "yes" : "no", allowed: "yes or no" }, (text) => {
    if (text === "yes" || text === "no") return { ok: true, value: text === "yes" };
    return { ok: false, expected: "yes or no" };
  });

export const choiceSetting = <const V extends string>(
  variable: string,
  doc: string,
  fallback: V,
  values: readonly V[],
) =>
  setting<V>(variable, doc, { fallback, allowed: values.join(", ") }, (text) => {
    const value = values.find((candidate) => candidate === text);
    return value === undefined ? { ok: false, expected: `one of ${values.join(", ")}` } : { ok: true, value };
  });

/** Splits at commas. A comma after the last entry is allowed, because generated lists often end with one. */
export const listed = (text: string): readonly string[] =>
  text
    .replace(/,\s*$/, "")
    .split(",")
    .map((each) => each.trim());

/**
 * Describes the first empty host in a list of hosts, which can have ports. Returns null if no host is empty.
 */
export function emptyHostIn(hosts: readonly string[]): string | null {
  const at = hosts.findIndex((host) => /^(?::|$)/.test(host));
  return at === -1 ? null : `host ${at + 1} of ${hosts.length} is empty`;
}

function parseAddress(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port > 65_535 ? null : { host, port };
}

/** A setting of the form `host:port`. An IPv6 host must be in brackets. */
export const addressSetting = (variable: string, doc: string, fallback: string) =>
  setting<{ host: string; port: number }>(variable, doc, { fallback, allowed: "host:port" }, (text) => {
    const value = parseAddress(text);
    return value === null ? { ok: false, expected: "an address like 127.0.0.1:7101" } : { ok: true, value };
  });

export const addressesSetting = (variable: string, doc: string, fallback: string) =>
  setting<readonly { host: string; port: number }[]>(
    variable,
    doc,
    { fallback, allowed: "host:port, or several separated by commas" },
    (text) => {
      const addresses = listed(text);
      const empty = emptyHostIn(addresses);
      if (empty !== null) return { ok: false, problem: `${JSON.stringify(text)}: ${empty}` };
      const value = addresses.map(parseAddress);
      return value.every((each) => each !== null)
        ? { ok: true, value }
        : { ok: false, expected: "one or more addresses like login-1:7101,login-2:7101" };
    },
  );
