import { accountOwnerFaults } from "./account-owner-faults.ts";
import { beliefFaults } from "./belief-faults.ts";
import { charServerFaults, charServerStopFaults } from "./char-server-faults.ts";
import { gameFaults } from "./game-faults.ts";
import { gatewayFaults } from "./gateway-faults.ts";
import { handOverFaults } from "./hand-over-faults.ts";
import { loginServerFaults } from "./login-server-faults.ts";
import { mapServerFaults } from "./map-server-faults.ts";
import { scoreFaults } from "./score-faults.ts";
import { lockStoreFaults, serverKitFaults } from "./server-kit-faults.ts";
import type { SourceFault } from "./source-fault.ts";
import { worldFaults } from "./world-faults.ts";
import { worldStateFaults } from "./world-state-faults.ts";

/**
 * Mistakes in the servers' own code. Each mistake quotes a piece of a server's source. If you change that
 * source, restate the mistake with the same meaning.
 */

export const sourceFaults: readonly SourceFault[] = [
  ...loginServerFaults,
  ...charServerFaults,
  ...charServerStopFaults,
  ...handOverFaults,
  ...accountOwnerFaults,
  ...mapServerFaults,
  ...serverKitFaults,
  ...lockStoreFaults,
  ...gatewayFaults,
  ...worldFaults,
  ...worldStateFaults,
  ...scoreFaults,
  ...gameFaults,
  ...beliefFaults,
];
