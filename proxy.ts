import { type NextRequest, NextResponse } from "next/server";
import { env, isForDevelopers } from "@/lib/env";
import { cookieValue } from "@/lib/http/cookies";
import { pageCredentialOf } from "@/lib/http/credential";
import { isFromOwnPage, wordsForAnotherOrigin } from "@/lib/http/origin";
import { isKnownEnded } from "@/lib/revocation/ended";
import { probeCookie, probeCookieName } from "@/lib/token/cookie";
import { openCredential, recallCredential, webDigest } from "@/lib/token/credential";

// Next 16's middleware, in front of every page. It is optimistic: it opens the cookie, checks the token and asks this
// process's ended set, never the database, and it only ever sends people towards the login page. Every page asks the gate
// again. See docs/decisions/0002-the-proxy-is-optimistic.md.

export const config = {
  // Everything but the API, which answers for itself, and the files of the build. A negative look-ahead must be a constant.
  matcher: ["/((?!api/|\\.well-known/|_next/static/).*)"],
};

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const FORM_PAGES = new Set(["/login", "/signup"]);
/** Where links of mails lead. Their addresses hold tokens, so nothing that they load or lead to is told where from. */
const LINK_PAGES = new Set(["/verify-email", "/reset-password", "/report"]);
const PUBLIC_PAGES = new Set(["/", "/forgot-password", ...FORM_PAGES, ...LINK_PAGES]);
const DEVELOPER_PAGES = new Set(["/design", "/dev/mail"]);
const FILES = new Set(["/favicon.ico", "/icon.svg", "/robots.txt", "/_next/image"]);

/** Lets public pages and plausible sessions through, with a Content-Security-Policy; sends others to sign in. */
export async function proxy(request: NextRequest): Promise<Response> {
  const policy = contentSecurityPolicy(randomNonce());
  const { pathname } = request.nextUrl;
  if (!SAFE_METHODS.has(request.method) && !isFromOwnPage(request.headers)) return forbidden(policy);
  const isOpen =
    PUBLIC_PAGES.has(pathname) ||
    FILES.has(pathname) ||
    (DEVELOPER_PAGES.has(pathname) && isForDevelopers()) ||
    isScriptedAction(request);
  if (!isOpen && !(await maySeePages(request))) return toLogin(request, policy);

  const headers = new Headers(request.headers);
  // Next reads the nonce from here and puts it on its own scripts.
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  if (LINK_PAGES.has(pathname)) response.headers.set("Referrer-Policy", "no-referrer");
  // app/api/auth/sign-in.ts misses it where cookies are blocked.
  if (FORM_PAGES.has(pathname) && cookieValue(request.headers, probeCookieName()) === null)
    response.cookies.set(probeCookie());
  return response;
}

/** Actions ask the gate, too, and tell a script what it understands; a redirect it would take for a failure. */
function isScriptedAction({ method, headers }: NextRequest): boolean {
  return method === "POST" && headers.has("next-action");
}

async function maySeePages({ headers }: NextRequest): Promise<boolean> {
  const credential = pageCredentialOf(headers);
  if (!credential) return false;
  const key = await webDigest(credential);
  const now = new Date();
  const opened = recallCredential(key, now) ?? (await openCredential(credential, key, now));
  return opened.ok && !(await isKnownEnded(opened.claims.sid));
}

function toLogin({ method, nextUrl }: NextRequest, policy: string): Response {
  const login = new URL(
    `/login?${new URLSearchParams({ next: nextUrl.pathname + nextUrl.search })}`,
    nextUrl,
  );
  return NextResponse.redirect(login, {
    // What was posted here, perhaps a password, is not posted there (RFC 9110, 15.4.4).
    status: method === "POST" ? 303 : 307,
    headers: { "Cache-Control": "no-store", "Content-Security-Policy": policy },
  });
}

function forbidden(policy: string): Response {
  return new Response(wordsForAnotherOrigin(), {
    status: 403,
    headers: { "Cache-Control": "no-store", "Content-Security-Policy": policy },
  });
}

function randomNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

function contentSecurityPolicy(nonce: string): string {
  const { production, secure } = env();
  const directives = [
    "default-src 'self'",
    // React's development build evaluates strings; the production build does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${production ? "" : " 'unsafe-eval'"}`,
    production ? `style-src 'self' 'nonce-${nonce}'` : "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ];
  return directives.join("; ");
}
