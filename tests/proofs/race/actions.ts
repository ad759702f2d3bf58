import type { Device } from "../support/fleet";

// The server action behind the form of the page of a device, called as a browser without scripts does.

type At = { url: string };

/** The hidden fields that name the action, from the page as `device` sees it. */
export async function actionFields({ url }: At, device: Device): Promise<[string, string][]> {
  const page = await fetch(`${url}/sessions/${device.id}`, {
    headers: { cookie: `session=${device.cookie}` },
  });
  const form = /<form[^>]*>(?:(?!<\/form>).)*\$ACTION_REF.*?<\/form>/s.exec(await page.text())?.[0] ?? "";
  return [...form.matchAll(/<input[^>]*name="(\$ACTION[^"]*)"(?:[^>]*value="([^"]*)")?/g)].map(
    ([, name = "", value = ""]) => [name, value.replaceAll("&quot;", '"').replaceAll("&amp;", "&")],
  );
}

/** Renames a session by the action, as `device`; gives the status and where it leads. */
export async function renameByAction(
  { url }: At,
  fields: [string, string][],
  device: Device,
  name: string,
): Promise<{ status: number; location: string }> {
  const form = new FormData();
  for (const [field, value] of [...fields, ["intent", "rename"], ["id", device.id], ["name", name]] as const)
    form.set(field, value);
  const answer = await fetch(`${url}/sessions/${device.id}`, {
    method: "POST",
    headers: { cookie: `session=${device.cookie}`, "sec-fetch-site": "same-origin" },
    body: form,
    redirect: "manual",
  });
  await answer.text();
  return { status: answer.status, location: answer.headers.get("location") ?? "" };
}
