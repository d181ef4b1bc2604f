/**
 * Shapes the character before it, or joins two: emoji and several scripts need these, and they change nothing else. The last
 * part is the flags of England, Scotland and Wales.
 */
const joining = /[\u200c\u200d\p{Variation_Selector}]|(?<=\u{1f3f4})[\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu;

/** Controls, halves of characters, ends of lines, and what turns the direction of text or is not seen. */
const unwanted = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** With U+FFFD in place of each character that nobody may say. */
export function cleanChat(text: string): string {
  let clean = "";
  let from = 0;
  for (const { 0: kept, index } of text.matchAll(joining)) {
    clean += text.slice(from, index).replaceAll(unwanted, "\ufffd") + kept;
    from = index + kept.length;
  }
  return clean + text.slice(from).replaceAll(unwanted, "\ufffd");
}

/** Whether it can be said in chat: there is something to be seen, and nothing that shows other text as what it is not. */
export const isChat = (text: string): boolean =>
  cleanChat(text) === text && /\S/.test(text.replaceAll(joining, ""));
