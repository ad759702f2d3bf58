// Shared: plain string work, used by pages, routes and the proxy.
import { HOME } from "@/lib/product";

/**
 * A path of this site out of `next`, or `HOME`. Only a path with exactly one leading `/` passes; anything that a
 * browser could read as another host does not, percent-coded or not.
 */
export function nextPath(next: string | null | undefined): string {
  if (!next || next.length > 2_000 || !isDecodable(next)) return HOME;
  let decoded = next;
  // Decoded until nothing changes: `%252f` must not become `%2f` behind us. A few rounds settle every honest path.
  for (let round = 0; round < 5; round += 1) {
    if (!isPath(decoded)) return HOME;
    const once = decodeAscii(decoded);
    if (once === decoded) return next;
    decoded = once;
  }
  return HOME;
}

/** Whether the server could read the path; what stands behind `?` is the page's to read. */
function isDecodable(next: string): boolean {
  try {
    return decodeURIComponent(next.replace(/[?#].*/s, "")) !== "";
  } catch {
    return false;
  }
}

// No other character can mislead a browser, and a lone percent sign, as of `100%25`, stays one.
const decodeAscii = (text: string) =>
  text.replace(/%([0-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function isPath(text: string): boolean {
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text)) return false;
  const { origin, pathname } = new URL(text, "http://a.invalid");
  // Without its dots, `/.//host` is `//host`.
  return origin === "http://a.invalid" && !pathname.startsWith("//");
}
