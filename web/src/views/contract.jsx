// Contracts: what was agreed on, word for word, and who signed it. Signed is what is shown. What else can be done with one
// is made of the schema.
import { useAsked, useList, useRead } from "../hooks.js"
import { Person, Sign, money } from "../cell.jsx"
import { actionsOn, fits, labelOf } from "../commands.js"
import { digestOf } from "../files.js"
import { Filters, fromQuery } from "../filters.jsx"
import { Form, requestOf } from "../form.jsx"
import { Actions, Facts, Lists, actionOn } from "../record.jsx"
import { More } from "../table.jsx"
import { Empty, Missing, Rows, Trouble, Waiting } from "./any.jsx"
import { address, doing } from "../route.js"
import { command, index, method } from "../schema.js"
import { may, me } from "../session.js"
import { _ } from "../text.js"
import { Comments, Files } from "../attached.jsx"

export function Contracts({ query }) {
  const { answer: m } = useAsked(() => method("ContractService/ListContracts"), [])
  const list = useList(m && m.name, m && requestOf(m.messages[m.in], fromQuery(m.messages[m.in], query)), "contracts")
  const makes = index.commands.filter((c) => c.words.startsWith("contract ") && c.write && c.on !== "contract" && may(c.permission))
  return (
    <>
      <h1>{_("Contracts")}</h1>
      <div class="actions">{makes.map((c, i) => <a key={c.words} class={`button ${i === 0 ? "main" : ""}`} href={doing(c.words)}>{c.title}</a>)}</div>
      {m && <Filters m={m} list="contract list" query={query} at={(q) => address(["contracts"], q)} />}
      {!list.answer ? list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting /> : (
        <><Rows type="Contract" rows={list.rows} messages={m.messages} title={_("Contracts")} empty={<Empty isAsked={Object.keys(query).length > 0} words="contract list" />} /><More more={list.more} /></>
      )}
    </>
  )
}

/** Signs exactly the text that is shown: its digest is reckoned here, and the server refuses any other. */
function Signing({ contract, text }) {
  const c = command("contract sign")
  const { answer: m } = useAsked(() => (c && may(c.permission) ? method(c.method) : undefined), [])
  const { answer: sha256 } = useAsked(() => digestOf(new TextEncoder().encode(text)), [text])
  const hasSigned = (contract.signatures ?? []).some((s) => s.company === me.company && s.version === contract.text_version)
  if (!m || !sha256 || contract.text_state !== "proposed" || hasSigned) return null
  return (
    <section class="card decide" aria-labelledby="signing">
      <h2 id="signing">{_("Sign")}</h2>
      <p>{_("You sign for %s what stands above, word for word.", me.company_name)}</p>
      <p class="digest"><small>SHA-256 <code>{sha256}</code></small></p>
      <Form key={sha256} method={m} words="contract sign" subject={contract.id} given={{ contract_id: contract.id, sha256 }} hide={["contract_id", "sha256"]} submit={_("Sign this text")} />
    </section>
  )
}

/** What is owed by the contract and not done yet, duties and payments, by when: each with what can be done now. */
function Owed({ contract }) {
  const list = useList("TaskService/ListTasks", { on: `contract/${contract.id}`, page_size: 100 }, "tasks")
  const all = [
    ...list.rows.map((t) => ({ ...t, kind: "task", who: t.owner ? <Person email={t.owner} company={t.owner_company} /> : t.vendor })),
    ...(contract.payments ?? []).filter((p) => !["confirmed", "waived", "cancelled"].includes(p.state)).map((p) => ({ ...p, kind: "payment", who: `${p.payer} → ${p.payee}` })),
  ].sort((a, b) => ((a.due ?? "9") < (b.due ?? "9") ? -1 : 1))
  if (all.length === 0 && !list.failure) return null
  return (
    <section aria-labelledby="owed">
      <h2 id="owed">{_("What is owed")}</h2>
      <Trouble failure={list.failure} again={list.again} />
      <ul class="items">
        {all.map((o) => (
          <li key={`${o.kind}${o.id}`} class="item">
            <span class="what"><a href={`#/${o.kind}/${o.id}`}>{o.title}</a><small>{o.who}{o.amount && <> · {money(o.amount)}</>}</small></span>
            <Sign list={o.kind} code={o.state} />
            <span class={o.late ? "overdue" : ""}>{o.due ? <time class="due" dateTime={o.due}>{o.due}</time> : <small>{_("no day yet")}</small>}</span>
            <span class="acts">{actionsOn(o.kind).filter((c) => ["payment paid", "payment confirm", "task deliver", "task done", "task accept"].includes(c.words) && fits(c, o)).map((c) => <a key={c.words} class="chip" href={actionOn(c, o.id, o.version)}>{labelOf(c)}</a>)}</span>
          </li>
        ))}
      </ul>
      <More more={list.more} />
    </section>
  )
}

export function Contract({ parts: [id] }) {
  const { answer: contract, failure, again } = useRead("ContractService/GetContract", { contract_id: id })
  const { answer: m } = useAsked(() => method("ContractService/GetContract"), [])
  // A text that was signed comes by itself where the contract does not bring one.
  const apart = useRead(contract && contract.text === undefined ? "ContractService/GetContractText" : null, { contract_id: id })
  const text = contract?.text ?? apart.answer?.text
  if (failure && !contract) return <Missing failure={failure} again={again} kind="contract" />
  if (!contract || !m) return <Waiting />
  return (
    <>
      <p class="way"><a href="#/contracts">{_("Contracts")}</a> #{id}</p>
      <h1>{contract.title}</h1>
      <p class="under"><Sign list="contract" code={contract.state} /></p>
      <Actions kind="contract" value={id} thing={contract} first={["draft", "proposed"].includes(contract.text_state) ? ["contract propose", "contract edit", "contract review"] : ["contract amend"]} />
      <div class="columns">
        <article class="paper" aria-label={_("Text of the contract")}>
          <Trouble failure={apart.failure} />
          {/* Word for word: not as Markdown. */}
          <div class="words">{text}</div>
          {contract.sha256 && <p class="digest"><small>SHA-256 <code>{contract.sha256}</code></small></p>}
          {text !== undefined && <Signing contract={contract} text={text} />}
        </article>
        <div>
          <Owed contract={contract} />
          <Facts message={m.messages[m.out]} value={contract} messages={m.messages} without={["id", "title", "state", "sha256", "text"]} />
          <Lists message={m.messages[m.out]} value={contract} messages={m.messages} />
          <Files on={`contract/${id}`} />
          <Comments on={`contract/${id}`} />
        </div>
      </div>
    </>
  )
}
