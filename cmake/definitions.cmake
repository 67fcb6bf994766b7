# Holds the newest migration against the definitions: it must say whose they are. So every change of a definition comes
# with a migration, and a server that is older refuses the database instead of putting its own definitions back.
#
# cmake -DSQL=server/sql [-DSTAMP=made when all is well] -P definitions.cmake
# The digest is that of what this prints: cd server/sql/definitions && sha256sum *.sql
file(GLOB migrations ${SQL}/migrations/*.sql)
file(GLOB definitions ${SQL}/definitions/*.sql)
list(SORT migrations)
list(SORT definitions)
list(GET migrations -1 newest)
cmake_path(GET newest FILENAME name)
set(sums "")
foreach(file IN LISTS definitions)
  cmake_path(GET file FILENAME definition)
  file(SHA256 ${file} sha256)
  string(APPEND sums "${sha256}  ${definition}\n")
endforeach()
string(SHA256 digest "${sums}")
file(STRINGS ${newest} said REGEX "^-- definitions: ")
if(NOT said STREQUAL "-- definitions: ${digest}")
  message(FATAL_ERROR
    " The definitions are not those that ${name} says; every change of one comes with a migration.\n"
    " Put this line into ${name}, in place of the one that is there; or, when it was released\n"
    " (tests/upgrade/released.sha256 names it), into a new one, if need be with nothing else in it:\n"
    " -- definitions: ${digest}\n")
endif()
if(STAMP)
  file(TOUCH ${STAMP})
endif()
