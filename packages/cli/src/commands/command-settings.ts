import type { Settings } from "@sallyport/server-kit";
import { charCommand } from "./run-char.ts";
import { frontCommand } from "./run-front.ts";
import { gatewayCommand } from "./run-gateway.ts";
import { loginCommand } from "./run-login.ts";
import { mapCommand } from "./run-map.ts";
import { resourceCommand } from "./run-resource.ts";
import { upCommand } from "./run-up.ts";

/** Importing this loads the servers of all commands. */
export const commandSettings = {
  up: upCommand.settings,
  login: loginCommand.settings,
  char: charCommand.settings,
  gateway: gatewayCommand.settings,
  front: frontCommand.settings,
  resource: resourceCommand.settings,
  map: mapCommand.settings,
} satisfies { readonly [command: string]: readonly Settings[] };

export type CommandName = keyof typeof commandSettings;
