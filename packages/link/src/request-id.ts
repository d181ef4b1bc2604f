/*
 * The requests of one end are numbered from 1 to 2³² - 1, and then from 1 again. 0 names no request. An id is
 * later than another if it is ahead by less than half of all ids (RFC 1982). So a duplicate is recognised
 * even after the ids have begun again.
 */

const idCount = 0xffff_ffff;
const half = 2 ** 31;

/** The id of the `nth` request after the one with id `first`. */
export const requestIdAt = (first: number, nth: number): number => ((first - 1 + nth) % idCount) + 1;

/** The inverse of `requestIdAt`: the lowest `nth` that has this id. */
export const placeOfRequestId = (first: number, id: number): number => (id - first + idCount) % idCount;

export const isLaterRequestId = (id: number, than: number): boolean =>
  id !== than && (id - than) >>> 0 < half;
