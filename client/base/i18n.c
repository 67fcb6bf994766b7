#include "client/base/i18n.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

const char *const i18n_languages[] = {"zh_CN", "sq", NULL};

/** gettext's: what it found is looked up anew once this is another number. */
extern int _nl_msg_cat_cntr;

/**
 * The locale of messages as the environment names it, such as "zh_CN.UTF-8"; NULL when it names
 * none.
 */
static const char *
from_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

/** A locale that is not installed says at least which language is read. */
static void
keep_language(void)
{
    const char *name = from_environment();
    char language[40];
    if (!name || getenv("LANGUAGE"))
        return;
    snprintf(language, sizeof language, "%.*s", (int)strcspn(name, ".@"), name);
    if (strcmp(language, "C") != 0 && strcmp(language, "POSIX") != 0)
        setenv("LANGUAGE", language, 1);
}

/**
 * Binds the translations of the build tree when run from there, else those installed beside the
 * program.
 */
static void
bind_translations(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    if (n > 0) {
        path[n] = 0;
        char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 0;
        snprintf(path + length, sizeof path - length, "/locale");
        if (access(path, R_OK) != 0)
            snprintf(path + length, sizeof path - length, "/../share/locale");
        bindtextdomain("jiayi", path);
    }
    bind_textdomain_codeset("jiayi", "UTF-8");
    textdomain("jiayi");
}

void
i18n_start(void)
{
    /*
     * Only what is used: each category costs a file. Numbers are written the same way everywhere.
     */
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    if (!setlocale(LC_MESSAGES, "")) {
        keep_language();
        setlocale(LC_MESSAGES, "C.UTF-8");
    }
    bind_translations();
}

/** Has gettext speak @language; what the locale says where NULL. */
static void
speak(const char *language)
{
    setlocale(LC_MESSAGES, "C.UTF-8"); /* in "C" gettext speaks no language */
    if (language)
        setenv("LANGUAGE", language, 1);
    else
        unsetenv("LANGUAGE");
    _nl_msg_cat_cntr++;
}

const char *
i18n_word(const char *language, const char *context, const char *text)
{
    char key[200], before[100], locale[100];
    if (snprintf(key, sizeof key, "%s\004%s", context, text) >= (int)sizeof key)
        return text;
    if (!language) {
        const char *found = gettext(key);
        return found == key ? text : found;
    }
    const char *set = getenv("LANGUAGE");
    snprintf(before, sizeof before, "%s", set ? set : "");
    snprintf(locale, sizeof locale, "%s", setlocale(LC_MESSAGES, NULL));
    speak(language);
    const char *found = gettext(key);
    speak(set ? before : NULL);
    setlocale(LC_MESSAGES, locale);
    return found == key ? text : found;
}

/** The rules of no language in particular; (locale_t)0 where there is no memory for them. */
static locale_t
common_rules(void)
{
    static locale_t rules;
    if (!rules)
        rules = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return rules;
}

wchar_t
i18n_lower(wchar_t c)
{
    locale_t rules = common_rules();
    return rules ? (wchar_t)towlower_l((wint_t)c, rules) : c;
}

wchar_t
i18n_upper(wchar_t c)
{
    locale_t rules = common_rules();
    return rules ? (wchar_t)towupper_l((wint_t)c, rules) : c;
}

const char *
i18n_text(const char *text)
{
    return *text ? gettext(text) : text;
}

const char *
i18n_language(void)
{
    /* TRANSLATORS: not a word, but the tag of the language that this file is in, such as zh-CN. */
    return i18n_word(NULL, "tag", "en");
}
