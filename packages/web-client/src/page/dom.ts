type Attributes = { readonly [name: string]: string | boolean };

/** Creates an element. An attribute that is false is left out, and one that is true is empty. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export function button(text: string, pressed: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", pressed);
  return made;
}

/** A text field below its label, with a hint that screen readers read too. */
export function field({
  name,
  label,
  hint,
  ...attributes
}: { name: string; label: string; hint?: string } & Attributes): {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement;
} {
  const hintId = `${name}-hint`;
  const described = hint === undefined ? {} : { "aria-describedby": hintId };
  const input = element("input", { name, required: true, ...described, ...(attributes as Attributes) });
  const row = element("label", {}, label, input);
  if (hint !== undefined) row.append(element("span", { class: "hint", id: hintId }, hint));
  return { row, input };
}

/** Sets the text only if it differs. A screen reader reads a live region again after each change. */
export function say(into: HTMLElement, text: string): void {
  if (into.textContent !== text) into.textContent = text;
}
