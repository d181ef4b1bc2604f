/*
 * The requests of one end are numbered from 1 to 2³² - 1 and then from 1 again: 0 names no request. The later of two ids is
 * the one that is up to half of all ids ahead (RFC 1982), so a duplicate is recognised whatever the ids have come to.
 */

const idCount = 0xffff_ffff;
const half = 2 ** 31;

/** Of the request that is the `nth` after the one with id `first`. */
export const requestIdAt = (first: number, nth: number): number => ((first - 1 + nth) % idCount) + 1;

/** How many requests after the one with id `first` the id was used for the first time. */
export const placeOfRequestId = (first: number, id: number): number => (id - first + idCount) % idCount;

export const isLaterRequestId = (id: number, than: number): boolean =>
  id !== than && (id - than) >>> 0 < half;
