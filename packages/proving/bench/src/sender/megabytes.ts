/** The sender sends this many megabytes to each client. */
export const megabytesEach = 16;
