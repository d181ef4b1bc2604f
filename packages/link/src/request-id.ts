/**
 * Each end of a link numbers its requests from 1 to 2³² - 1, and then starts at 1 again. 0 is never used. To
 * compare the ids A and B, count upwards from B to A, past the restart if necessary. A is later than B if this
 * count is less than half of the number of ids (RFC 1982). So duplicates are recognised even after a restart.
 */

const idCount = 0xffff_ffff;
const half = 2 ** 31;

/** Returns the id of the `nth` request after the one with the id `first`. */
export const requestIdAt = (first: number, nth: number): number => ((first - 1 + nth) % idCount) + 1;

/** Returns the lowest `nth` for which `requestIdAt` returns this id. */
export const placeOfRequestId = (first: number, id: number): number => (id - first + idCount) % idCount;

export const isLaterRequestId = (id: number, than: number): boolean =>
  id !== than && (id - than) >>> 0 < half;
