const namePattern = /^[A-Za-z0-9_]{3,20}$/;

/** 3 to 20 ASCII letters, digits and underscores: such names fit the name fields of every client protocol. */
export const isAccountName = (name: string): boolean => namePattern.test(name);

const nameUnitsMax = 64;

/** Names that were imported from elsewhere may break the rule for new names, and log in nevertheless. */
export const isLoginName = (name: string): boolean =>
  name !== "" && name.length <= nameUnitsMax && !/[\p{Cc}\p{Surrogate}]/u.test(name);

export const passwordCharsMin = 6;
export const passwordCharsMax = 128;

/**
 * Any 6 to 128 characters, counted as code points after normalisation. The upper bound limits the cost of one
 * request.
 */
export function isPassword(password: string): boolean {
  // This check limits the work of the next lines. NFKC joins at most 4 code points into one, and each has at
  // most 2 UTF-16 units.
  if (password.length > passwordCharsMax * 8) return false;
  const { length } = [...normalisePassword(password)];
  return length >= passwordCharsMin && length <= passwordCharsMax;
}

/**
 * Keyboards compose the same text in different ways. NFKC makes the results equal. Clients that hash
 * passwords themselves do the same.
 */
export const normalisePassword = (password: string): string => password.normalize("NFKC");

/** Returns one form for all names that differ only in case. */
export const canonicalName = (name: string): string => name.toLowerCase();
