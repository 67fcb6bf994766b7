// What is other between two texts, line by line.

/** [[sign, line]]: " " is in both, "-" in the first alone, "+" in the second. */
export function diff(before, after) {
  const a = before.split("\n")
  const b = after.split("\n")
  // The longest lines in common; texts of reports are short enough for a table.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let k = b.length - 1; k >= 0; k--) common[i][k] = a[i] === b[k] ? common[i + 1][k + 1] + 1 : Math.max(common[i + 1][k], common[i][k + 1])
  const made = []
  let i = 0
  let k = 0
  while (i < a.length || k < b.length) {
    if (i < a.length && k < b.length && a[i] === b[k]) {
      made.push([" ", a[i++]])
      k++
    } else if (k < b.length && (i === a.length || common[i][k + 1] > common[i + 1][k])) made.push(["+", b[k++]])
    else made.push(["-", a[i++]])
  }
  return made
}

/** The same side by side: [[before, after]], where what was changed stands beside what it became. */
export function sides(before, after) {
  const made = []
  let gone = []
  let come = []
  const end = () => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++) made.push([gone[i], come[i], true])
    gone = []
    come = []
  }
  for (const [sign, line] of diff(before, after)) {
    if (sign === "-") gone.push(line)
    else if (sign === "+") come.push(line)
    else {
      end()
      made.push([line, line, false])
    }
  }
  end()
  return made
}
