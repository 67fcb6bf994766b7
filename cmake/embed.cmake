# Puts files into a program: cmake -DOUT=x.S -DSYMBOL=embed_x -DROOT=dir -DFILES=a;b -P embed.cmake
# writes an assembler file with one .incbin for each file and a table of struct embed (common/embed.h).
# With -DALL=ON instead of -DFILES, all that stand in ROOT.
if(ALL)
  file(GLOB FILES ${ROOT}/*)
endif()
list(SORT FILES)
set(data "")
set(table "")
set(i 0)
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH name "${ROOT}" "${file}")
  file(SHA256 "${file}" sha256)
  string(APPEND data
    ".Lname${i}: .asciz \"${name}\"\n"
    ".Lsha256${i}: .asciz \"${sha256}\"\n"
    ".Ldata${i}: .incbin \"${file}\"\n"
    ".Lend${i}: .byte 0\n")
  string(APPEND table "    .quad .Lname${i}, .Ldata${i}, .Lend${i} - .Ldata${i}, .Lsha256${i}\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE "${OUT}"
"    .section .rodata
${data}
    .section .data.rel.ro, \"aw\"
    .balign 8
    .globl ${SYMBOL}
    .type ${SYMBOL}, @object
${SYMBOL}:
${table}    .quad 0, 0, 0, 0
    .size ${SYMBOL}, . - ${SYMBOL}
    .section .note.GNU-stack, \"\", @progbits
")
