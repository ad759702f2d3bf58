/** A name inside a sentence, kept to itself where there is no element for it, as `<bdi>` does it in a page. */
export const isolate = (name: string) => `\u2068${name}\u2069`;
