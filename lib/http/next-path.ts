// Shared: plain string work, used by pages, routes and the proxy.

/** Where people land after they have logged in. */
export const HOME = "/sessions";

/**
 * A path of this site out of `next`, or `/sessions`. Only a path with exactly one leading `/` passes; anything that a
 * browser could read as another host does not, percent-coded or not.
 */
export function nextPath(next: string | null | undefined): string {
  if (!next || next.length > 2_000) return HOME;
  let decoded = next;
  // Decoded until nothing changes: `%252f` must not become `%2f` behind us. A few rounds settle every honest path.
  for (let round = 0; round < 5; round += 1) {
    if (!isPath(decoded)) return HOME;
    let once: string;
    try {
      once = decodeURIComponent(decoded);
    } catch {
      return HOME;
    }
    if (once === decoded) return next;
    decoded = once;
  }
  return HOME;
}

function isPath(text: string): boolean {
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text)) return false;
  const { origin, pathname } = new URL(text, "http://a.invalid");
  // Without its dots, `/.//host` is `//host`.
  return origin === "http://a.invalid" && !pathname.startsWith("//");
}
