import { about, optionalPortSetting, textSetting } from "@sallyport/server-kit";

/**
 * The address at which a server process opens its admin port, and at which the operator's commands find it.
 */
export const adminSettings = about("watching", {
  adminPort: optionalPortSetting(
    "ADMIN_PORT",
    "Port of /healthz, /readyz, /metrics and the commands for operators. 0 picks a free port; empty opens none.",
    "ADMIN_HOST",
  ),
  adminHost: textSetting(
    "ADMIN_HOST",
    "Address on which the process listens at ADMIN_PORT. Clients must not be able to reach it.",
    { fallback: "127.0.0.1" },
  ),
});
