/**
 * The table of methods: each rpc of the schema with the SQL file of its name, or its native
 * function.
 */
#ifndef JIAYI_SERVER_METHOD_METHOD_H
#define JIAYI_SERVER_METHOD_METHOD_H

#include "common/schema.h"
#include "server/method/statement.h"

struct call;
struct method;

/**
 * A native method's work: runs on a thread of the password pool (may wait) or, when @is_quick, on
 * the gate's thread (must not wait). It sets c->out or c->status; the caller answers.
 *
 * An addition is no method of its own: the SQL file answers, and what is native runs after it on
 * the lane's thread, adds to c->out and must not wait. Neither is a check: it runs before the SQL
 * file, on a thread of the password pool, once the caller is known, and may end the call.
 */
struct native {
    /** "AuthService/SignIn". */
    const char *method;
    void (*run)(struct call *c);
    bool is_quick, is_addition, is_check;
    /** Its statements are of signing in: they run as DATABASE_LOGIN_ROLE, which alone may. */
    bool is_login;
};

/** A statement of a native method: "SignIn.find.sql". */
struct method_step {
    const char *name;
    struct statement *statement;
};

/** A method. */
struct method {
    const struct schema_method *schema;
    /** Its place among all. */
    size_t index;
    Jiayi__V1__Kind kind;
    /** "public", "entry", "session" and "account" are no permissions of a role. */
    const char *permission;
    /** Its number in the database, by which authorize() is asked, as text; from boot_check(). */
    const char *permission_no;
    bool is_public;
    /** What the method's objects are called in messages: "deal". */
    const char *noun;
    /** The first positional field, for "no deal 7"; or NULL. */
    const struct schema_field *subject;
    /** A request field has the option hash. */
    bool has_hash;
    /** The request field that makes a search of it, or NULL. */
    const struct schema_field *search;
    /**
     * The request's number that the option hold names, and the response's that it equals while
     * there is nothing to tell; NULL: the call is never held.
     */
    const struct schema_field *since, *cursor;
    /**
     * The response's token of a session, which pages have as a cookie, and the response's time up
     * to when; or NULL.
     */
    const struct schema_field *cookie, *cookie_until;
    struct statement *statement;
    const struct statement **more;
    int n_more;
    const struct native *native;
    /** What adds to the statements' answer, or NULL. */
    const struct native *addition;
    /** What looks at the request before the statements run, or NULL. */
    const struct native *check;
    /** The native method's statements. */
    struct method_step *steps;
    int n_steps;
};

/** All methods, in the schema's order. */
struct methods {
    const struct schema *schema;
    struct method *all;
    size_t n;
    /** Variants in all statements: their ids are below this. */
    unsigned n_variants;
    struct arena *arena;
};

/**
 * methods_load() - compile every method of the embedded schema.
 *
 * @natives: what SQL cannot do; the last one's method is NULL
 *
 * Returns the table, or NULL with @e naming the method or file: a method without SQL file, native
 * function or permission; a file without a method; a name in a file that is no field.
 */
struct methods *methods_load(const struct native *natives, struct status *e) MUST_CHECK;

/** methods_free() - free the table. NULL is allowed. */
void methods_free(struct methods *m);

/** methods_find() - the method of that full name, or NULL. */
const struct method *methods_find(const struct methods *m, const char *name);

/** method_step() - the native method's statement "SignIn.<name>.sql"; must be there. */
const struct statement *method_step(const struct method *m, const char *name);

#endif
