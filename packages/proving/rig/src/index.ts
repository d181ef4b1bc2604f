export {
  type ClusterPlan,
  type Environment,
  environmentOf,
  freeDoorsOfTiers,
  gatewayEnvironmentOf,
  type Tier,
  tiers,
} from "./cluster-plan.ts";
export { Rig, type RigServer } from "./rig.ts";
export { tell } from "./tell.ts";
export { connectBy, type Way } from "./ways.ts";
