import { Button, type ButtonVariant } from "@/app/_components/ui/button";
import { Checkbox } from "@/app/_components/ui/checkbox";
import { CopyButton } from "@/app/_components/ui/copy-button";
import { Field, FieldErrorsOf } from "@/app/_components/ui/field";
import { Icon } from "@/app/_components/ui/icon";
import { PasswordField } from "@/app/_components/ui/password-field";
import { SegmentedControl } from "@/app/_components/ui/segmented-control";
import { Select } from "@/app/_components/ui/select";
import { Spinner } from "@/app/_components/ui/spinner";
import { SubmitButton } from "@/app/_components/ui/submit-button";
import { Switch } from "@/app/_components/ui/switch";
import { Tooltip } from "@/app/_components/ui/tooltip";
import { Group } from "./group";

const VARIANTS: ButtonVariant[] = [
  "default",
  "secondary",
  "outline",
  "ghost",
  "link",
  "destructive",
  "destructive-outline",
];

export function Controls() {
  return (
    <>
      <Group title="Buttons">
        {VARIANTS.map((variant) => (
          <Button key={variant} variant={variant}>
            {variant}
          </Button>
        ))}
        <Button size="sm">sm</Button>
        <Button size="lg">lg</Button>
        <Button size="icon" variant="outline" aria-label="Settings">
          <Icon name="settings" />
        </Button>
        <SubmitButton pending="Saving…" isPending>
          Save
        </SubmitButton>
        <CopyButton text="a demo password only" label="password" />
        <Spinner />
      </Group>
      <Group title="Fields">
        <form className="grid w-full gap-5 sm:grid-cols-2">
          <Field name="usual" label="Name" hint="As others see it." placeholder="Ada Lovelace" />
          <FieldErrorsOf errors={{ wrong: ["Enter an email address, like ada@example.com."] }}>
            <Field name="wrong" label="Email" defaultValue="ada@" />
          </FieldErrorsOf>
          <Field name="off" label="Not to be changed" defaultValue="Fixed" readOnly />
          <PasswordField name="secret" label="Password" autoComplete="current-password" />
          <div>
            <label htmlFor="choice" className="ui-label">
              Language
            </label>
            <Select id="choice" defaultValue="en">
              <option value="en">English</option>
              <option value="pt">Português</option>
            </Select>
          </div>
        </form>
      </Group>
      <Group title="Choices">
        <Label words="Off">
          <Checkbox />
        </Label>
        <Label words="On">
          <Checkbox defaultChecked />
        </Label>
        <Label words="Off">
          <Switch />
        </Label>
        <Label words="On">
          <Switch defaultChecked />
        </Label>
        <SegmentedControl label="Kind">
          {["All", "Browsers", "API"].map((kind) => (
            <label key={kind}>
              <input type="radio" name="kind" value={kind} defaultChecked={kind === "All"} />
              {kind}
            </label>
          ))}
        </SegmentedControl>
        <Tooltip content="26 November 2026, 14:02">
          <time dateTime="2026-11-26T14:02">2 minutes ago</time>
        </Tooltip>
      </Group>
    </>
  );
}

function Label({ words, children }: { words: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: The control is inside.
    <label className="inline-flex min-h-6 items-center gap-2">
      {children}
      {words}
    </label>
  );
}
