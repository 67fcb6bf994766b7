// Files come and go in chunks: see docs/PROTOCOL.md.
import { call, newId, read } from "./call.js"
import { tellAll } from "./events.js"

const CHUNK = 262144

const base64 = (bytes) => {
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

/** Calls until it is answered; what is sent again under the same name is done once. */
export async function surely(method, request) {
  const id = newId()
  for (let tries = 0; ; tries++) {
    try {
      return await call(method, request, { id })
    } catch (e) {
      if (!e.isOpen || tries === 8) throw e
      await new Promise((resolve) => setTimeout(resolve, e.retryMs ?? 500 * 2 ** Math.min(tries, 5)))
    }
  }
}

/** The SHA-256 of bytes, in hexadecimal. */
export const digestOf = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (b) => b.toString(16).padStart(2, "0")).join("")

/** Puts a file on a thing; @onProgress takes the share that is there. */
export async function putFile(on, file, onProgress) {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const sha256 = await digestOf(bytes)
  let made = await surely("FileService/CreateFile", { on, name: file.name, bytes: String(bytes.length), sha256 })
  while (made.state !== "complete" && made.next_chunk !== undefined) {
    const seq = made.next_chunk
    made = await surely("FileService/PutChunk", { file_id: made.id, seq, data: base64(bytes.subarray(seq * CHUNK, (seq + 1) * CHUNK)) })
    onProgress?.(Math.min(1, ((seq + 1) * CHUNK) / bytes.length))
  }
  if (made.state !== "complete") made = await surely("FileService/CompleteFile", { file_id: made.id })
  tellAll("changed", "FileService/CompleteFile")
  return made
}

/** Fetches a file, and has the browser keep it. */
export async function getFile(id) {
  const file = await read("FileService/GetFile", { file_id: id })
  const parts = []
  for (let seq = 0; seq < (file.chunks ?? 1); seq++) {
    const { data } = await read("FileService/GetChunk", { file_id: id, seq })
    parts.push(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)))
  }
  const url = URL.createObjectURL(new Blob(parts))
  const link = Object.assign(document.createElement("a"), { href: url, download: file.name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60000)
}
