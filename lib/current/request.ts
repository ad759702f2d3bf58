import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { z } from "zod";
import type { Actor } from "@/lib/audit";
import type { FieldErrors } from "@/lib/errors";
import { clientLocation } from "@/lib/http/address";
import { cookieValue } from "@/lib/http/cookies";
import { pageCredentialOf } from "@/lib/http/credential";
import { preferredLocale } from "@/lib/http/locale";
import { actorOf } from "@/lib/http/request";
import { type Cookie, formCookieName, openCookie, sessionCookieName } from "@/lib/token/cookie";
import type { Credential } from "@/lib/token/credential";

// The request that a page or an action answers: its clock, its caller, its cookies. Only lib/current reads next/headers.

/** The moment of this request: one reading of the clock for everything that a page shows. */
export const requestTime = cache(() => new Date());

/** The variant of English (BCP 47) in which this browser wants its times. */
export const requestLocale = cache(async () => preferredLocale((await headers()).get("accept-language")));

/**
 * Whether a server action was called by a script; without one, the answer is a page of its own. Such a page is a full
 * navigation already, and can simply be redirected.
 */
export async function isScriptedAction(): Promise<boolean> {
  return (await headers()).has("next-action");
}

const typedSchema = z.object({
  email: z.string(),
  name: z.string(),
  keep: z.boolean(),
  errors: z.record(z.string(), z.array(z.string())),
});

/** What was typed in a form that was refused, never its password, and what was wrong with it. */
export async function typedInForm(): Promise<{
  email: string;
  name: string;
  keep: boolean;
  errors: FieldErrors;
}> {
  const value = cookieValue(await headers(), formCookieName());
  const typed = typedSchema.safeParse(value ? await openCookie(value) : null);
  return typed.data ?? { email: "", name: "", keep: false, errors: {} };
}

/** Who asks, and when. */
export async function requestContext(): Promise<{ now: Date; actor: Actor }> {
  return { now: requestTime(), actor: actorOf(await headers()) };
}

/** Where the device of this request is, as the trusted headers tell it, or null. */
export async function requestLocation(): Promise<string | null> {
  return clientLocation(await headers());
}

/** Cookies that an action has set: the page that is rendered after it must see them, by the same headers. */
const written = new WeakMap<object, Map<string, string>>();

/** The cookie of this request, or the one that its action has set; null without one. */
export async function requestCredential(): Promise<Credential | null> {
  const all = await headers();
  const value = written.get(all)?.get(sessionCookieName());
  if (value === undefined) return pageCredentialOf(all);
  return value === "" ? null : { form: "cookie", value };
}

/** Sets a cookie; actions only. */
export async function writeCookie({ name, value, ...attributes }: Cookie): Promise<void> {
  (await cookies()).set(name, value, attributes);
  const all = await headers();
  written.set(all, new Map(written.get(all)).set(name, value));
}

/** The value of a cookie that is nobody's secret, such as what a page remembers; null without one. */
export async function requestCookie(name: string): Promise<string | null> {
  return cookieValue(await headers(), name);
}
