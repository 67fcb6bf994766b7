// Signing in, the first password, and the second factor.
import { useState } from "preact/hooks"
import { Field } from "../fields.jsx"
import { useAsked } from "../hooks.js"
import { method } from "../schema.js"
import { openSession, signOut } from "../session.js"
import { _ } from "../text.js"

/** What `jiayi join` takes has the server's code in it: its bytes 1 to 16. */
function codeOf(typed) {
  const text = typed.trim()
  if (/^[0-9a-f]{32}$/i.test(text)) return text
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
    return bytes.charCodeAt(0) === 1 && bytes.length > 17 ? Array.from(bytes.slice(1, 17), (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("") : text
  } catch {
    return text
  }
}

/** A form that opens a session by a method, with these of its fields. */
function Opening({ name, names, submit, change = (v) => v, children }) {
  const { answer: m } = useAsked(() => method(name), [name])
  const [values, setValues] = useState({})
  const [failure, setFailure] = useState(null)
  const [more, setMore] = useState([])
  const [isBusy, setBusy] = useState(false)
  if (!m) return null
  const asked = m.messages[m.in].fields.filter((f) => names.includes(f.name) || more.includes(f.name))
  const onSubmit = async (e) => {
    e.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await openSession(name, change(Object.fromEntries(Object.entries(values).filter(([, v]) => v))))
    } catch (f) {
      setFailure(f)
      setMore([...more, ...Object.keys(f.fields ?? {}).filter((n) => !names.includes(n))])
      setTimeout(() => document.querySelector('[aria-invalid="true"], .alert')?.focus())
    }
    setBusy(false)
  }
  // What password managers and telephones fill in.
  const known = { email: "username", otp: "one-time-code" }
  const title = { email: _("E-mail"), password: _("Password"), company: _("Company"), otp: _("Code of the authenticator"), code: _("Code"), home_password: _("Password at home"), keep: _("Keep me signed in on this device") }
  return (
    <form onSubmit={onSubmit} class="form" noValidate>
      {failure && <div class="alert" role="alert" tabIndex={-1}><p>{failure.message || _("The server cannot be reached.")}</p></div>}
      <fieldset class="all" disabled={isBusy}>
        <legend class="hidden">{submit}</legend>
        {asked.map((f) => <Field key={f.name} field={{ ...f, title: title[f.name] ?? f.title, autocomplete: known[f.name], doc: ["company", "code", "home_password"].includes(f.name) ? f.doc : "" }} value={values[f.name]} wrong={failure?.fields?.[f.name]} onChange={(v) => setValues({ ...values, [f.name]: v })} />)}
      </fieldset>
      <div class="ends"><button type="submit" class="main" disabled={isBusy}>{submit}</button>{children?.({ more: (n) => setMore([...more, n]), has: (n) => more.includes(n) })}</div>
    </form>
  )
}

export function SignIn({ ended, children }) {
  const [isJoining, setJoining] = useState(false)
  return (
    <main class="sign-in">
      <div class="card">
        <h1 class="brand">jiayi <span lang="zh-CN">甲乙</span></h1>
        {ended && <p class="note" role="status">{_("The session is over. Sign in again: what you wrote is kept.")}</p>}
        {isJoining ? (
          <Opening key="join" name="AuthService/Join" names={["code", "password"]} submit={_("Join")} change={(v) => ({ ...v, code: codeOf(v.code ?? ""), keep: false })} />
        ) : (
          <Opening key="in" name="AuthService/SignIn" names={["email", "password", "keep"]} submit={_("Sign in")} change={(v) => ({ ...v, keep: !!v.keep })}>
            {({ more, has }) => !has("company") && <button type="button" class="plain" onClick={() => more("company")}>{_("I act for several companies")}</button>}
          </Opening>
        )}
        <p><button type="button" class="plain" onClick={() => setJoining(!isJoining)}>{isJoining ? _("I have a password") : _("I was given a code to join")}</button></p>
        {children}
      </div>
    </main>
  )
}

export function SecondFactor({ children }) {
  return (
    <main class="sign-in">
      <div class="card">
        <h1>{_("Second factor")}</h1>
        <p>{_("Your role asks for the code of your authenticator.")}</p>
        <Opening name="TotpService/VerifyTotp" names={["otp", "code"]} submit={_("Go on")}>
          {() => <button type="button" class="plain" onClick={signOut}>{_("Sign out")}</button>}
        </Opening>
        {children}
      </div>
    </main>
  )
}
