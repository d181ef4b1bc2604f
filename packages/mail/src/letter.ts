import type { CodePurpose, Letter } from "@sallyport/authentication";

export interface LetterText {
  readonly subject: string;
  readonly text: string;
}

const words: {
  readonly [P in CodePurpose]: { readonly subject: string; readonly why: string; readonly todo: string };
} = {
  confirm: {
    subject: "Confirm your e-mail address",
    why: "Somebody registered an account with this e-mail address.",
    todo: "confirm the address with this code",
  },
  reset: {
    subject: "Set a new password",
    why: "Somebody asked for a new password for the account with this e-mail address.",
    todo: "set a new password with this code",
  },
};

/** `link` has `{code}` and may have `{purpose}`, which is `confirm` or `reset`. Null: the code is all. */
export function letterOf({ purpose, code, minutes }: Letter, link: string | null): LetterText {
  const { subject, why, todo } = words[purpose];
  const url = link?.replaceAll("{code}", code).replaceAll("{purpose}", purpose);
  const hours = minutes / 60;
  const text = [
    why,
    `If it was you, ${todo}:`,
    `    ${code}`,
    ...(url === undefined ? [] : ["You can also open this page:", `    ${url}`]),
    `The code is valid once, for ${hours === 1 ? "1 hour" : `${hours} hours`}.`,
    "If it was not you, you need not do anything. Do not tell anybody the code.",
  ].join("\n\n");
  return { subject, text: `${text}\n` };
}
