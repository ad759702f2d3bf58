// The address that somebody has typed goes along from sign-up to sign-in and back, and to where a page leaves when its session
// is ended: in the tab's own storage, never in an address. It goes when they sign in, or out.

const KEY = "email";

export function rememberEmail(email: string): void {
  try {
    sessionStorage.setItem(KEY, email);
  } catch {
    // Storage may be blocked, or full: then it is typed again.
  }
}

export function rememberedEmail(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function forgetEmail(): void {
  rememberEmail("");
}
