import type { LimitReading } from "@sallyport/authentication";
import { table } from "@sallyport/command-line";
import type { LimitsAnswer } from "./answers.ts";
import { paragraphs } from "./columns.ts";
import { duration } from "./plain-words.ts";

/** Reads what the limits count of an address, and of a name as somebody types it. */
export type LimitReadings = (of: {
  readonly address?: string;
  readonly name?: string;
}) => Promise<readonly LimitReading[]>;

const countedWords: { readonly [B in LimitReading["by"]]: string } = {
  address: "wrong passwords of the address",
  name: "wrong passwords for the name",
  offers: "salts without a proof",
  registrations: "new accounts of the address",
  ban: "wrong passwords on the way to a ban",
};

export function limitsText({ of, limits }: LimitsAnswer): string {
  if (limits.length === 0) return `No limit counts anything of ${of} now.\n`;
  const rows = limits.map(({ by, count, limit, isReached, leftMs }): readonly string[] => [
    countedWords[by],
    `${count} of ${limit}`,
    isReached ? `refused for ${duration(leftMs)}` : `forgotten in ${duration(leftMs)}`,
  ]);
  return paragraphs(table(["COUNTED", "COUNT", "NOW"], rows));
}

/** The sentence of `whois` about the limits that refuse the next login. Null: none does. */
export function limitSentence(limits: readonly LimitReading[]): string | null {
  const reached = limits.filter(({ isReached, leftMs }) => isReached && leftMs > 0);
  const told = reached.map(
    ({ by, count, leftMs }) => `${count} ${countedWords[by]}, for ${duration(leftMs)} more`,
  );
  return told.length === 0
    ? null
    : `Logins with this name have to wait: ${told.join("; ")}. Addresses from which it logged in lately do not wait.`;
}
