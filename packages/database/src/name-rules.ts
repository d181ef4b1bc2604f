const namePattern = /^[A-Za-z0-9_]{3,20}$/;

/** 3 to 20 ASCII letters, digits and underscores: they fit the name fields of every client protocol. */
export const isAccountName = (name: string): boolean => namePattern.test(name);

export const passwordCharsMin = 6;
export const passwordCharsMax = 128;

/**
 * 6 to 128 characters, whatever they are, counted as code points after normalisation. The upper bound keeps one
 * request from costing more than another.
 */
export function isPassword(password: string): boolean {
  // Bounds the work below: NFKC composes at most 4 code points into one, each at most 2 units long.
  if (password.length > passwordCharsMax * 8) return false;
  const { length } = [...normalisePassword(password)];
  return length >= passwordCharsMin && length <= passwordCharsMax;
}

/** Keyboards differ in how they compose the same text: NFKC makes them equal. Clients that hash do the same. */
export const normalisePassword = (password: string): string => password.normalize("NFKC");

/** What two names that differ in case only have in common. */
export const canonicalName = (name: string): string => name.toLowerCase();
