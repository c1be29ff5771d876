import { type FormEvent, useEffect, useRef, useState } from "react";
import { type Api, ApiError, type Session } from "./api";

export type AccountForm = "sign-in" | "register";

interface Props {
  api: Api;
  form: AccountForm;
  onForm: (form: AccountForm) => void;
  onSession: (session: Session) => void;
  onClose: () => void;
}

export function AccountDialog({ api, form, onForm, onSession, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const registering = form === "register";

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => setProblem(undefined), [form]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? "");
    setBusy(true);
    setProblem(undefined);
    try {
      const [email, password] = [text("email"), text("password")];
      onSession(registering ? await api.register(text("name"), email, password) : await api.signIn(email, password));
    } catch (error) {
      setProblem(error instanceof ApiError ? error : new ApiError(0, "Something went wrong. Please try again."));
      setBusy(false);
    }
  }

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="account-title" onCancel={onClose}>
      <form key={form} onSubmit={submit} data-testid={`${form}-form`}>
        <div className="dialog-head">
          <h2 id="account-title">{registering ? "Create an account" : "Welcome back"}</h2>
          <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </div>
        {registering && <Field name="name" label="Name" type="text" autoComplete="name" maxLength={100} problem={problem} />}
        <Field name="email" label="E-mail" type="email" autoComplete="email" maxLength={254} problem={problem} />
        <Field
          name="password"
          label="Password"
          type="password"
          autoComplete={registering ? "new-password" : "current-password"}
          hint={registering ? "At least 8 characters" : undefined}
          minLength={registering ? 8 : 1}
          maxLength={200}
          problem={problem}
        />
        {problem && !problem.field && (
          <p className="notice bad" role="alert" data-testid="form-error">
            {problem.message}
          </p>
        )}
        <button type="submit" className="wide" disabled={busy}>
          {busy ? "One moment…" : registering ? "Register" : "Sign in"}
        </button>
        <p className="faint">
          {registering ? "You have an account?" : "New here?"}{" "}
          <button type="button" className="link" onClick={() => onForm(registering ? "sign-in" : "register")}>
            {registering ? "Sign in" : "Create an account"}
          </button>
        </p>
      </form>
    </dialog>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type: string;
  autoComplete: string;
  hint?: string | undefined;
  minLength?: number;
  maxLength: number;
  problem: ApiError | undefined;
}

function Field({ name, label, hint, problem, ...input }: FieldProps) {
  const wrong = problem?.field === name;
  const described = wrong ? `${name}-problem` : hint ? `${name}-hint` : undefined;
  return (
    <div className="field">
      <label htmlFor={`field-${name}`}>{label}</label>
      <input id={`field-${name}`} name={name} required aria-invalid={wrong} aria-describedby={described} {...input} />
      {hint && !wrong && (
        <span className="faint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      {wrong && (
        <span className="problem" id={`${name}-problem`} role="alert" data-testid="form-error">
          {problem.message}
        </span>
      )}
    </div>
  );
}
