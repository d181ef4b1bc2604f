import type { GridMap } from "@sallyport/map-world";

/** What a game knows of a map. */
export type MapInfo = Pick<GridMap, "name" | "title" | "width" | "height" | "objects" | "properties">;
