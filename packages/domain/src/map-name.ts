/**
 * The source of a regular expression. A map name has at most eleven characters, because older clients keep
 * "<name>.gat" and a terminator in 16 bytes.
 */
export const mapNameForm = "[a-z0-9][a-z0-9_@-]{0,10}";
const mapName = new RegExp(`^${mapNameForm}$`);

export const isMapName = (text: string): boolean => mapName.test(text);
