/* In milliseconds, where nothing goes wrong. */

/** Of a message, one way. */
export const healthyNetworkMs = [0.2, 8] as const;
/** To a store, and the same from it. */
export const healthyStoreMs = [0.1, 3] as const;
/** Of a statement at most: there, what it does there, and back. */
export const statementMs = 3 * healthyStoreMs[1];
