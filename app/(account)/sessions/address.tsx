import { Fragment } from "react";

/** An IP address, whole where there is room for it; otherwise it breaks after its dots and colons, never in a number. */
export function Address({ ip }: { ip: string }) {
  return (
    <bdi className="inline-block font-mono text-sm">
      {[...ip.matchAll(/[^.:]+[.:]*|[.:]+/g)].map(({ 0: part, index }) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </bdi>
  );
}
