export { adminSettings } from "./admin-settings.ts";
export type { LocksAnswer, ServersAnswer, WhoisAnswer } from "./answers.ts";
export { addOperatorCommands } from "./commands.ts";
export { answerTo, challengeMs, DrainProofs } from "./drain-proofs.ts";
export { spaceOf } from "./lock-rows.ts";
export { type Operators, operatorPaths, operatorsOf, type Told, tellOperator } from "./routes.ts";
export { openOperators } from "./sources.ts";
export { storeAnswer } from "./store-answer.ts";
export type { OperatorView } from "./view.ts";
