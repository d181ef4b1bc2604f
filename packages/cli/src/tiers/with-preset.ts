import type { Environment } from "@sallyport/server-kit";

/** Adds settings. If the environment also contains one of them, its value there is used. */
export function withPreset(preset: Environment, environment: Environment): Environment {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  return { ...preset, ...Object.fromEntries(given) };
}
