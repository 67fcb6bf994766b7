// What there is: commands, kinds of things, and the methods with their messages, as build/schema.mjs made them.
import { call, read } from "./call.js"
import { fetchFile } from "./text.js"

/** commands, kinds and the names of the services' files. */
export let index

const services = new Map()

export function setIndex(made) {
  index = made
  services.clear()
}

/** A method with its messages: {name, in, out, …options, messages}. */
export async function method(name) {
  const [service, rpc] = name.split("/")
  if (!services.has(service)) {
    const asked = fetchFile(index.services[service])
    services.set(service, asked)
    asked.catch(() => services.delete(service))
  }
  const { methods, messages } = await services.get(service)
  return { name, ...methods[rpc], messages }
}

/** The command of those words; undefined where there is none. */
export const command = (words) => index.commands.find((c) => c.words === words)

/** The command that a method is. */
export const commandOf = (name) => index.commands.find((c) => c.method === name)

/** The kind of thing that rows of a type are. */
export const kindOfType = (type) => Object.keys(index.kinds).find((k) => index.kinds[k].type === type)

/** Where a thing is shown; undefined where it is not. */
export function linkTo(kind, value) {
  return index.kinds[kind]?.show && value !== undefined && value !== "" ? `#/${kind}/${encodeURIComponent(value)}` : undefined
}

/** Where "deal/7" is shown. */
export function linkToRef(ref) {
  const [, kind, id] = /^([a-z_]+)\/([0-9]+)$/.exec(ref ?? "") ?? []
  return kind && linkTo(kind, id)
}

/** Reads one thing of a kind. */
export const readThing = (kind, value) => read(index.kinds[kind].show, { [index.kinds[kind].by]: value })

export { call }
