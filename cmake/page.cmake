# The page: web/ becomes files that the server has in itself, as the table embed_page; without JIAYI_PAGE it is empty.
# What it is made with is fetched once for a build folder, at the versions of web/package-lock.json.
set(PAGE ${CMAKE_BINARY_DIR}/page)
set(made "")
set(PAGE_SOURCES "")
if(JIAYI_PAGE)
  find_program(NODE NAMES node nodejs)
  find_program(NPM npm)
  if(NOT NODE OR NOT NPM)
    message(FATAL_ERROR "the page is built with node and npm: install them (Debian: nodejs npm), or build without it: -DJIAYI_PAGE=OFF")
  endif()
  set(modules ${PAGE}/node_modules)
  set(fetched ${modules}/.package-lock.json)
  add_custom_command(
    OUTPUT ${fetched}
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/web/package.json ${CMAKE_SOURCE_DIR}/web/package-lock.json
            ${CMAKE_SOURCE_DIR}/web/.npmrc ${PAGE}
    COMMAND ${NPM} ci --prefix ${PAGE} --prefer-offline --no-progress --loglevel=error
    DEPENDS ${CMAKE_SOURCE_DIR}/web/package.json ${CMAKE_SOURCE_DIR}/web/package-lock.json ${CMAKE_SOURCE_DIR}/web/.npmrc
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    VERBATIM
    COMMENT "npm ci (the page; -DJIAYI_PAGE=OFF builds without)")
  file(MAKE_DIRECTORY ${PAGE})
  file(GLOB_RECURSE PAGE_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/* ${CMAKE_SOURCE_DIR}/web/build/*.mjs)
  file(GLOB page_texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/po/*.po)
  list(APPEND PAGE_SOURCES ${page_texts} ${CMAKE_SOURCE_DIR}/client/words/dictionary.c
       ${CMAKE_SOURCE_DIR}/client/words/columns.c ${CMAKE_SOURCE_DIR}/client/words/typed.c ${GEN}/schema.pb ${fetched})
  set(made COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/web/build/page.mjs ${PAGE}/files ${GEN}/schema.pb ${modules})
endif()
add_custom_command(
  OUTPUT ${GEN}/embed_page.S
  ${made}
  COMMAND ${CMAKE_COMMAND} -DOUT=${GEN}/embed_page.S -DSYMBOL=embed_page -DROOT=${PAGE}/files -DALL=ON
          -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${PAGE_SOURCES} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  VERBATIM
  COMMENT "the page")
target_sources(server PRIVATE ${GEN}/embed_page.S)
