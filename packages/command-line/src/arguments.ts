import { InvalidArgumentError } from "commander";

export function wholeNumber(least: number, most: number): (text: string) => number {
  return within(/^\d+$/, "whole number", least, most);
}

export function decimal(least: number, most: number): (text: string) => number {
  return within(/^\d+(\.\d+)?$/, "number", least, most);
}

function within(pattern: RegExp, what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (pattern.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a ${what} from ${least} to ${most}.`);
  };
}

/** Adds one `NAME=value`. Commander calls this each time the option is given. */
export function addSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, variable, value] = /^([A-Z_]+)=(.*)$/.exec(text) ?? [];
  if (variable === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...before, [variable]: value };
}
