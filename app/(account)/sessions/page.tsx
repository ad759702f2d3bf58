import { listSessions } from "@/lib/session/current";

export default async function Page() {
  return <pre>{JSON.stringify(await listSessions("/sessions"), null, 2)}</pre>;
}
