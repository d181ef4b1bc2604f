export { addBoards, type BoardsDeps } from "./commands.ts";
