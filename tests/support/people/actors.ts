import type { SignIn } from "@/lib/account/account";
import type { Actor } from "@/lib/audit";

/** Somebody at an address that nobody else has, with a program. */
export function actor(ip: string): Actor {
  return { ip, userAgent: "acme-sync/1.0", requestId: null };
}

/** A sign-in of a program, or of what the overrides say. */
export function signIn(overrides: Partial<SignIn> = {}): SignIn {
  return {
    kind: "api",
    keep: false,
    deviceName: null,
    location: null,
    device: null,
    browserId: null,
    replaces: null,
    now: new Date(),
    ...overrides,
  };
}
