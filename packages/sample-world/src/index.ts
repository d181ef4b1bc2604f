export { type Character, characterSchema, earned, newcomer } from "./character.ts";
export { default } from "./game.ts";
export { messages } from "./messages.ts";
export { newSlime, slimeMessages } from "./slime.ts";
