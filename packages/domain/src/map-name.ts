/** As part of a regular expression. Eleven, because older clients carry "<name>.gat" and its end mark in 16 bytes. */
export const mapNameForm = "[a-z0-9][a-z0-9_@-]{0,10}";
const mapName = new RegExp(`^${mapNameForm}$`);

export const isMapName = (text: string): boolean => mapName.test(text);
