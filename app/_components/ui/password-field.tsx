"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Field } from "./field";
import { Icon } from "./icon";

/**
 * A password that can be shown while it is typed (NIST SP 800-63B-4, 3.1.1.2), pasted, and filled in by a manager. With `least`,
 * a line counts the characters against the limit.
 */
export function PasswordField({
  name,
  label,
  hint,
  autoComplete,
  least,
  id = name,
}: {
  name: string;
  id?: string;
  label: string;
  hint?: ReactNode;
  autoComplete: "current-password" | "new-password";
  least?: number;
}) {
  const [isShown, setShown] = useState(false);
  const [length, setLength] = useState(0);
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Typed before the scripts ran, or emptied with its form.
    const field = area.current?.querySelector("input");
    const count = () => setLength(lengthOf(field?.value ?? ""));
    const gone = new AbortController();
    field?.form?.addEventListener("reset", () => setLength(0), { signal: gone.signal });
    count();
    return () => gone.abort();
  }, []);
  return (
    <div ref={area}>
      <Field
        id={id}
        name={name}
        label={label}
        hint={hint}
        aside={least !== undefined && <Meter length={length} least={least} />}
        beside={
          <button
            type="button"
            aria-label={`${isShown ? "Hide" : "Show"} ${label.toLowerCase()}`}
            aria-controls={id}
            onClick={() => setShown(!isShown)}
            className="absolute inset-e-1 inset-y-1 grid w-10 place-content-center rounded-md text-muted-foreground hover:bg-accent hover:text-foreground noscript:hidden"
          >
            <Icon name={isShown ? "eye-off" : "eye"} className="size-4.5" />
          </button>
        }
        type={isShown ? "text" : "password"}
        autoComplete={autoComplete}
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        onInput={({ currentTarget }) => setLength(lengthOf(currentTarget.value))}
        required
      />
    </div>
  );
}

/** Characters as people and the server count them. */
const lengthOf = (text: string) => [...text.normalize("NFC")].length;

/** Calm: it counts, and says when that is enough; a screen reader hears of nothing else. */
function Meter({ length, least }: { length: number; least: number }) {
  const isEnough = length >= least;
  return (
    <>
      {length > 0 && (
        <span
          aria-hidden="true"
          className={`inline-flex items-center gap-1 text-xs tabular-nums ${isEnough ? "text-online" : "text-muted-foreground"}`}
        >
          <span>{isEnough ? `${length} characters` : `${length} of ${least} characters`}</span>
          {isEnough && <Icon name="check" className="size-3.5" />}
        </span>
      )}
      <span role="status" className="sr-only">
        {isEnough && <span>Long enough.</span>}
      </span>
    </>
  );
}
