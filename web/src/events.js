// What one part of the page tells the others, and one tab the other ones.
const listeners = {}
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("jiayi") : { postMessage() {} }

function run(name, value) {
  for (const f of listeners[name] ?? []) f(value)
}
channel.onmessage = (m) => run(m.data.name, m.data.value)

/** Calls @f with what is told under a name; what it returns ends that. */
export function on(name, f) {
  ;(listeners[name] ??= new Set()).add(f)
  return () => listeners[name].delete(f)
}

/** Tells this tab. */
export const tell = run

/** Tells the other tabs. */
export const tellOthers = (name, value) => channel.postMessage({ name, value })

/** Tells this tab and the others. */
export function tellAll(name, value) {
  run(name, value)
  channel.postMessage({ name, value })
}
