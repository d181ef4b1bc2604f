/** The megabytes that the sender sends to each client. */
export const megabytesEach = 16;
