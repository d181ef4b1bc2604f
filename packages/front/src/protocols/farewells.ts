/* What a client is told when the front stops, in protocols that have words for it. */

export const stopping = "The server is stopping.";
/** It comes before the save. So it does not say that the character is saved already. */
export const stoppingOnMap = `${stopping} Your character will be saved.`;
