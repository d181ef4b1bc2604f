/* Latencies in milliseconds while nothing goes wrong. */

/** Range for one message in one direction. */
export const healthyNetworkMs = [0.2, 8] as const;
/** Range for one direction between a server and a store. */
export const healthyStoreMs = [0.1, 3] as const;
/** The longest time of a statement: one latency each for the request, the execution and the answer. */
export const statementMs = 3 * healthyStoreMs[1];
