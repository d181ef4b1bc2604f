export { leadWarps } from "./lead-warps.ts";
export { chooseMaps, listNames, MapsInvalid } from "./map-catalog.ts";
export { MapFileError } from "./map-file-error.ts";
export { checkMaps, loadMaps, type MapFile } from "./map-folders.ts";
export { describeMap, drawMap } from "./map-text.ts";
export { parseTextMap } from "./text/text-map.ts";
export { parseTiledMap } from "./tiled/tiled-map.ts";
