export { type Character, earned } from "./character.ts";
export { default } from "./game.ts";
