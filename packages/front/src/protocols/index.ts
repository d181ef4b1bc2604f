import type { ProtocolFolder } from "../settings.ts";
import { chatFolder } from "./chat/index.ts";
import { lineFolder } from "./line/index.ts";
import { slimeFolder } from "./slime/index.ts";

/** Every protocol that a front can serve. */
export const protocolFolders: readonly ProtocolFolder[] = [chatFolder, lineFolder, slimeFolder];
