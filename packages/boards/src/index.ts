export { addBoardsCommand, type BoardsDeps } from "./commands.ts";
