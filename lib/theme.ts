// Shared: the root layout, the switch and its route read it.
import { DAYS, SECONDS } from "./time";

/** The themes that people choose from; with `system` the device decides. */
export const THEMES = ["system", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

/** Remembers the choice. It is nobody's secret, so it has one name on http and https. */
export const THEME_COOKIE = "theme";

/** In seconds: the longest that browsers keep a cookie (RFC 6265bis, section 5.5). */
export const THEME_MAX_AGE = (400 * DAYS) / SECONDS;

/** Parses the theme of a cookie or a form field; null if it is none. */
export function themeOf(value: unknown): Theme | null {
  return THEMES.find((theme) => theme === value) ?? null;
}

/** The attributes of `<html>` for a theme; app/theme.css reads them. */
export function themeAttributes(theme: Theme): { "data-theme": Theme; className: string } {
  return { "data-theme": theme, className: theme === "dark" ? "dark" : "" };
}
