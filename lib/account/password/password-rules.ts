// Shared: the forms explain these numbers.

/**
 * Shortest and longest password, in code points. 15 is what NIST SP 800-63B-4 (3.1.1.2) asks of a password that is the
 * only factor; many people expect 8, so the form explains it. Nothing is ever cut off.
 */
export const MIN_PASSWORD_LENGTH = 15;
export const MAX_PASSWORD_LENGTH = 256;
