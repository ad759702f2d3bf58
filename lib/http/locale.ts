import "server-only";

/** The language of the pages. A time in another one would be half a translation. */
const LANGUAGE = "en";
const MOST = 10;

/**
 * The first variant of the pages' language (BCP 47) in an Accept-Language header that this server can write times in: it says
 * whether the month comes before the day.
 */
export function preferredLocale(acceptLanguage: string | null): string {
  const wanted = (acceptLanguage ?? "")
    .slice(0, 500)
    .split(",", MOST)
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((text) => text.trim());
      const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return wanted.map(({ tag }) => supported(tag)).find((tag) => tag !== null) ?? LANGUAGE;
}

function supported(tag: string): string | null {
  if (tag.split("-")[0]?.toLowerCase() !== LANGUAGE) return null;
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag)[0] ?? null;
  } catch {
    // Not a language tag at all.
    return null;
  }
}
