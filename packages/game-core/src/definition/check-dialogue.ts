import { dialogueBounds, isPlainObject } from "@sallyport/domain";

/** What is wrong with a page, as the end of a sentence about it. Null if nothing is. */
export function pageProblem(page: unknown, pages: { readonly [name: string]: unknown }): string | null {
  if (!isPlainObject(page)) return "is no page: return an object with `says`, or null";
  const { says, choices, then } = page;
  if (typeof says !== "string" || says === "") return "has no text in `says`";
  if (says.length > dialogueBounds.textMax) return `says more than ${dialogueBounds.textMax} characters`;
  if (choices !== undefined && then !== undefined) return "has `choices` and `then`; only one can follow";
  if (then !== undefined) return leadProblem(then, pages);
  if (choices === undefined) return null;
  if (!isPlainObject(choices)) return "has `choices` that are no object";
  const labels = Object.keys(choices);
  if (labels.length === 0 || labels.length > dialogueBounds.choicesMax) {
    return `has ${labels.length} choices, and a page has 1 to ${dialogueBounds.choicesMax}`;
  }
  const bad = labels.find((label) => label.trim() === "" || label.length > dialogueBounds.choiceMax);
  if (bad !== undefined)
    return `has a choice with a label that is not 1 to ${dialogueBounds.choiceMax} characters`;
  for (const to of Object.values(choices)) {
    const problem = to === null ? null : leadProblem(to, pages);
    if (problem !== null) return problem;
  }
  return null;
}

function leadProblem(to: unknown, pages: { readonly [name: string]: unknown }): string | null {
  return typeof to === "string" && Object.hasOwn(pages, to)
    ? null
    : `leads to ${JSON.stringify(to)}, which is no page`;
}
