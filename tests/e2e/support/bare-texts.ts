import type { BrowserContext } from "@playwright/test";

/**
 * Has a browser complain when React changes a bare text, takes it away, or puts something before it. A page that the
 * browser translates has lost that text: what is said would be out of date, or the page would break. React knows of
 * a bare text where it stands beside something else; what is the only child of an element, it sets through the element.
 */
export async function complainOfBareTexts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const complain = (what: string, node: Node | null) => {
      if (!(node instanceof Text) || !node.isConnected) return;
      // The framework's own announcer, which nobody translates.
      if (!document.contains(node)) return;
      if (!Object.keys(node).some((key) => key.startsWith("__reactFiber$"))) return;
      console.error(`React ${what} the bare text "${node.data}" in <${node.parentElement?.localName}>.`);
    };
    const { removeChild, insertBefore } = Node.prototype;
    Node.prototype.removeChild = function remove<T extends Node>(this: Node, child: T): T {
      complain("takes away", child);
      return removeChild.call(this, child) as T;
    };
    Node.prototype.insertBefore = function insert<T extends Node>(this: Node, node: T, next: Node | null): T {
      complain("puts something before", next);
      return insertBefore.call(this, node, next) as T;
    };
    const nodeValue = Object.getOwnPropertyDescriptor(Node.prototype, "nodeValue");
    if (!nodeValue?.set) throw new Error("nodeValue is not what it was.");
    const { set } = nodeValue;
    Object.defineProperty(Node.prototype, "nodeValue", {
      ...nodeValue,
      set(this: Node, text: string) {
        if (text !== this.nodeValue) complain("changes", this);
        set.call(this, text);
      },
    });
  });
}
