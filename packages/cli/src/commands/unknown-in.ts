import { type Environment, type UnknownSetting, unknownSettings } from "@sallyport/server-kit";
import { workerVariable } from "../process/worker.ts";
import { settingNames } from "./setting-names.ts";

/** Finds variables that no command reads but whose names are similar to names of settings. */
export const unknownIn = (environment: Environment): readonly UnknownSetting[] =>
  unknownSettings(environment, [...settingNames, workerVariable]);
