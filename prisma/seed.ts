/** The accounts that `seed` makes, as the launcher prints them. */
export const DEMO_LOGINS: { email: string; password: string }[] = [];

/** Placeholder until the demo data exist. */
export async function seed(_url: string): Promise<void> {}
