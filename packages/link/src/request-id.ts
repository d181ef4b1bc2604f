/**
 * The requests of one end have the numbers 1 to 2³² - 1, and then start at 1 again. 0 is not the id of a
 * request. An id is later than a second id if it is ahead of the second by less than half of all ids (RFC
 * 1982). So duplicates are recognised even after the ids have started again.
 */

const idCount = 0xffff_ffff;
const half = 2 ** 31;

/** Returns the id of the `nth` request after the one with the id `first`. */
export const requestIdAt = (first: number, nth: number): number => ((first - 1 + nth) % idCount) + 1;

/** Returns the lowest `nth` for which `requestIdAt` returns this id. */
export const placeOfRequestId = (first: number, id: number): number => (id - first + idCount) % idCount;

export const isLaterRequestId = (id: number, than: number): boolean =>
  id !== than && (id - than) >>> 0 < half;
