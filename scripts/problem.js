// @ts-check

/**
 * An expected failure: its message is all that a person needs, so the launcher prints it without a stack.
 * @param {string} message
 * @param {unknown} [cause]
 * @returns {Error}
 */
export function problem(message, cause) {
  return Object.assign(new Error(message, { cause }), { name: "Problem" });
}

/**
 * The first line of what was thrown, of any type.
 * @param {unknown} error
 * @returns {string}
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  // Node tries "localhost" as IPv6 and IPv4 and then reports both failures without a message of its own.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return (error.message || reasonOf(first)).split("\n")[0] ?? "";
}

/**
 * The `code` of a system or database error (`ENOENT`, `28P01`), if it has one.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
