import { env } from "@/lib/env";
import { Problem } from "@/lib/errors";
import { bodyType, readForm } from "@/lib/http/body";
import { nextPath } from "@/lib/http/next-path";
import { requireSameOrigin } from "@/lib/http/origin";
import { otherMethods, route, seeOther, setCookie } from "@/lib/http/route";
import { THEME_COOKIE, THEME_MAX_AGE, themeOf } from "@/lib/theme";

/** Remembers the theme that somebody chose, signed in or not, and leads back to the page that the form stood on. */
export const POST = route(async ({ request }) => {
  requireSameOrigin(request.headers);
  if (bodyType(request.headers) !== "form") throw new Problem("unsupported_media_type");
  const theme = themeOf((await readForm(request)).theme);
  if (!theme) throw new Problem("invalid_request", { errors: { theme: ["Choose one of the themes."] } });
  return setCookie(seeOther(pageOf(request)), {
    name: THEME_COOKIE,
    value: theme,
    path: "/",
    // The switch sets it, too, so that a page loaded before this answer has the theme already.
    httpOnly: false,
    secure: env().secure,
    sameSite: "lax",
    maxAge: THEME_MAX_AGE,
  });
});

/** Our own pages send their whole address (Referrer-Policy); the request comes from one of them. */
function pageOf(request: Request): string {
  const referrer = request.headers.get("referer");
  if (!referrer || !URL.canParse(referrer)) return "/";
  const { pathname, search } = new URL(referrer);
  return nextPath(pathname + search);
}

export const { DELETE, GET, OPTIONS, PATCH, PUT } = otherMethods("POST");
