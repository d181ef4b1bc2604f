const entriesByTable = new WeakMap<object, readonly (readonly [string, unknown])[]>();

/**
 * Returns the entries of a table that never changes, such as the fields of a message. They are listed once,
 * because listing them for each message costs more than packing it.
 */
export function entriesOf<V>(table: { readonly [name: string]: V }): readonly (readonly [string, V])[] {
  let entries = entriesByTable.get(table) as readonly (readonly [string, V])[] | undefined;
  if (entries === undefined) {
    entries = Object.entries(table);
    entriesByTable.set(table, entries);
  }
  return entries;
}
