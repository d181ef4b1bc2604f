/* Latencies in milliseconds while nothing goes wrong. */

/** One message, one way. */
export const healthyNetworkMs = [0.2, 8] as const;
/** One way to a store, and the same back. */
export const healthyStoreMs = [0.1, 3] as const;
/** The longest statement: the way there, its execution, and the way back. */
export const statementMs = 3 * healthyStoreMs[1];
