import { vi } from "vitest";

/** Settings for this test, then what `load` imports, as in a process that was started with them. */
export async function withSettings<T>(
  settings: Record<string, string | undefined>,
  load: () => Promise<T>,
): Promise<T> {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  vi.resetModules();
  return load();
}
