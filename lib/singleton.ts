import "server-only";

const holder = globalThis as typeof globalThis & { latchkey?: Map<string, object> };

/**
 * Gives a function that returns the one value of this process under `name`, made on first use. Next bundles the proxy, route
 * handlers and instrumentation apart, each with its own copy of a module; `globalThis` is the one place they share.
 */
export function singleton<T extends object>(name: string, create: () => T): () => T {
  return () => {
    holder.latchkey ??= new Map();
    const known = holder.latchkey.get(name) as T | undefined;
    if (known) return known;
    const value = create();
    holder.latchkey.set(name, value);
    return value;
  };
}
