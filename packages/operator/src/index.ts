export { adminSettings } from "./admin-settings.ts";
export type { LocksAnswer, ServersAnswer, TrailAnswer, WhoisAnswer } from "./answers.ts";
export { spaceOf } from "./lock-rows.ts";
export {
  type AdminAppDeps,
  type Asked,
  createAdminApp,
  type Operators,
  type Told,
} from "./port/admin-app.ts";
export type { Credentials } from "./port/admin-credential.ts";
export { adminTokenFile, tokenIn } from "./port/admin-token.ts";
export { newNonce, nonceHeader } from "./port/nonce.ts";
export { adminRequests } from "./requests/admin-requests.ts";
export type { AnyRequest, Services, WorldOrders } from "./requests/request.ts";
export { type OpenedOperators, openOperators } from "./sources.ts";
export { storeAnswer } from "./store-answer.ts";
export type { OperatorView } from "./view.ts";
