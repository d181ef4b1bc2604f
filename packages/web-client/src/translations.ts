import type { Language } from "./language.ts";
import type { Texts } from "./texts.ts";
import { german } from "./texts-de.ts";
import { english } from "./texts-en.ts";

export const translations: Readonly<Record<Language, Texts>> = { en: english, de: german };
