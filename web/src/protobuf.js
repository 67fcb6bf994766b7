// Reads packed protobuf messages by a description of their fields: as much of it as a descriptor set needs.

/** The fields of a packed message, as [number, wire type, value]. */
function* fieldsOf(bytes) {
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const type = key & 7
    if (type === 0) yield [key >> 3, type, varint()]
    else if (type === 2) {
      const length = Number(varint())
      yield [key >> 3, type, bytes.subarray(at, (at += length))]
    } else if (type === 1) at += 8
    else if (type === 5) at += 4
    else throw new Error(`wire type ${type} is none of a descriptor`)
  }
}

const readers = {
  string: (value) => new TextDecoder().decode(value),
  int: (value) => Number(BigInt.asIntN(64, value)),
  bool: (value) => value !== 0n,
  bytes: (value) => value,
}

/**
 * A packed message as an object.
 *
 * @param types  message types by name: of each a map from a field's number to [name, type, is repeated]; a type that
 *               is none of string, int, bool and bytes is that of a message. An enumeration is a map [name, {number: name}].
 */
export function unpack(bytes, types, type) {
  const made = {}
  for (const [number, , value] of fieldsOf(bytes)) {
    const field = types[type][number]
    if (!field) continue
    const [name, kind, repeated] = field
    const read = (v) => (typeof kind === "object" ? kind[Number(v)] : readers[kind] ? readers[kind](v) : unpack(v, types, kind))
    if (!repeated) made[name] = read(value)
    else if (kind === "int" && typeof value !== "bigint")
      // Packed: one after another.
      for (let at = 0; at < value.length; ) {
        let n = 0
        for (let shift = 0; ; shift += 7) {
          const byte = value[at++]
          n += (byte & 0x7f) * 2 ** shift
          if (byte < 0x80) break
        }
        ;(made[name] ??= []).push(n)
      }
    else (made[name] ??= []).push(read(value))
  }
  return made
}
