import "server-only";

/**
 * Deletes rows in batches, each a statement of its own that fits its time-out, and gives how many there were. `deleteSome` deletes
 * up to `size` rows.
 */
export async function inBatches(
  deleteSome: (size: number) => Promise<number>,
  size = 10_000,
): Promise<number> {
  let sum = 0;
  for (let deleted = size; deleted === size; sum += deleted) deleted = await deleteSome(size);
  return sum;
}
