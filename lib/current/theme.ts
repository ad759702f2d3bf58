import "server-only";
import { headers } from "next/headers";
import { cookieValue } from "@/lib/http/cookies";
import { THEME_COOKIE, type Theme, themeOf } from "@/lib/theme";

/** The theme that this browser has chosen; `system` without a choice. */
export async function chosenTheme(): Promise<Theme> {
  return themeOf(cookieValue(await headers(), THEME_COOKIE)) ?? "system";
}
