/** An IP address, whole where there is room for it; otherwise it breaks after its dots and colons, never in a number. */
export function Address({ ip }: { ip: string }) {
  const parts = [...ip.matchAll(/[^.:]+[.:]*|[.:]+/g)];
  return (
    <bdi className="inline-block font-mono text-sm">
      {parts.flatMap(({ 0: part, index }) => (index === 0 ? part : [<wbr key={index} />, part]))}
    </bdi>
  );
}
