import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A site of somebody else, with a page that sends a form as soon as it is opened. */
export async function foreignForm(
  action: string,
  fields: Record<string, string>,
): Promise<{ url: string; close(): void }> {
  const quoted = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input name="${quoted(name)}" value="${quoted(value)}">`,
  );
  const page = `<!doctype html><link rel="icon" href="data:,"><form method="post" action="${action}">${inputs.join("")}</form>
    <script>document.forms[0].submit()</script>`;
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
