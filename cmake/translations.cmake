# The translations: po/LANGUAGE.po becomes BUILD/locale/LANGUAGE/LC_MESSAGES/jiayi.mo, where the program finds it
# when run from the build tree, and is installed beside it. Without msgfmt (gettext) the program speaks English.
include(GNUInstallDirs)
find_program(MSGFMT msgfmt)
find_program(MSGCMP msgcmp)
set(CATALOGUES "")
if(MSGFMT)
  file(GLOB TRANSLATIONS CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/po/*.po)
  foreach(po IN LISTS TRANSLATIONS)
    cmake_path(GET po STEM language)
    set(folder ${CMAKE_BINARY_DIR}/locale/${language}/LC_MESSAGES)
    add_custom_command(
      OUTPUT ${folder}/jiayi.mo
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
      COMMAND ${MSGFMT} --check -o ${folder}/jiayi.mo ${po}
      DEPENDS ${po}
      VERBATIM
      COMMENT "msgfmt ${language}")
    list(APPEND CATALOGUES ${folder}/jiayi.mo)
    # Fails where a text has no translation: then run po/update and translate it.
    if(MSGCMP)
      add_test(NAME translation_${language} COMMAND ${MSGCMP} ${po} ${CMAKE_SOURCE_DIR}/po/jiayi.pot)
    endif()
    install(FILES ${folder}/jiayi.mo DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES)
  endforeach()
endif()
add_custom_target(translations ALL DEPENDS ${CATALOGUES})

# Lists the schema's texts for po/update.
add_executable(list_texts EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/po/list_texts.c)
target_link_libraries(list_texts PRIVATE common)
