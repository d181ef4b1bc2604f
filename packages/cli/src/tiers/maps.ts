import { chooseMaps, listNames, loadMaps, MapsInvalid } from "@sallyport/map-files";
import { mapSettings, sampleMapsFolder } from "@sallyport/map-server";
import {
  type Environment,
  givenText,
  readSettings,
  type Setting,
  SettingsInvalid,
} from "@sallyport/server-kit";

const { mapsFolder, hosted } = mapSettings;

/** Reads all maps, and chooses those that a map-server can host. Rejects with `SettingsInvalid`. */
export async function readMaps(environment: Environment) {
  const settings = readSettings({ mapsFolder, hosted }, environment);
  const all = await named(mapsFolder, () => loadMaps(settings.mapsFolder ?? sampleMapsFolder));
  const { hosted: names } = settings;
  return { all, hosted: names === null ? all : await named(hosted, async () => chooseMaps(all, names)) };
}

async function named<T>({ variable }: Setting<unknown>, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MapsInvalid)) throw error;
    throw new SettingsInvalid(error.message.split("\n").map((line) => `${variable}: ${line}`));
  }
}

/**
 * Throws `SettingsInvalid` if the spawn is not on a hosted map, because new characters could not play then.
 * Only `up` can check this, because it knows all map-servers.
 */
export function checkSpawn(
  spawn: Setting<{ readonly map: string }>,
  environment: Environment,
  maps: ReadonlyMap<string, unknown>,
): void {
  const { map } = readSettings({ spawn }, environment).spawn;
  if (maps.has(map)) return;
  const beginning =
    givenText(spawn, environment) === null
      ? `${spawn.variable} must be set: its default is on the map ${map}, which is not hosted`
      : `${spawn.variable}: ${map} is not a hosted map`;
  throw new SettingsInvalid([`${beginning}; hosted are ${listNames(maps.keys())}`]);
}
