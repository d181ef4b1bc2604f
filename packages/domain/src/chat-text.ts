/**
 * Invisible characters that shape the character before them or join two characters, and do nothing else.
 * Emoji and several scripts need them. The last part of the pattern matches the flags of England, Scotland
 * and Wales.
 */
const joining = /[\u200c\u200d\p{Variation_Selector}]|(?<=\u{1f3f4})[\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu;

/**
 * Control characters, unpaired surrogates, line separators, and characters that are invisible or change the
 * direction of text.
 */
const unwanted = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** Replaces each forbidden character with U+FFFD. */
export function cleanChat(text: string): string {
  let clean = "";
  let from = 0;
  for (const { 0: kept, index } of text.matchAll(joining)) {
    clean += text.slice(from, index).replaceAll(unwanted, "\ufffd") + kept;
    from = index + kept.length;
  }
  return clean + text.slice(from).replaceAll(unwanted, "\ufffd");
}

/** Whether the text has a visible character, and none that `cleanChat` replaces. */
export const isChat = (text: string): boolean =>
  cleanChat(text) === text && /\S/.test(text.replaceAll(joining, ""));
