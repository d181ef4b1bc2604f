export {
  type ClusterPlan,
  type Environment,
  environmentOf,
  freeDoors,
  freeDoorsOfTiers,
  frontEnvironmentOf,
  gatewayEnvironmentOf,
  type Tier,
  tiers,
} from "./cluster-plan.ts";
export type { Account, Answer, Ask, Entrance, Player, PlayerProtocol, Visitor } from "./players/player.ts";
export { frontProtocols, playerProtocols } from "./players/protocols.ts";
export { type Direction, FaultProxy, type FaultProxyOptions, type Tap } from "./proxies/fault-proxy.ts";
export { Rig, type RigServer } from "./rig.ts";
export { tell } from "./tell.ts";
export { Topology, type TopologyOptions } from "./topology/topology.ts";
export { connectBy, type Way } from "./ways.ts";
