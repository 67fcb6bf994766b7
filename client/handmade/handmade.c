#include "client/handmade/handmade.h"

#include "client/base/i18n.h"

/* What api show and api call are about. */
#define METHOD_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "METHOD", .placeholder = "METHOD", .place = 1, .required = true,                   \
        .refers = "method", .comment = N_("The method, such as DealService/MoveDeal or MoveDeal.") \
    }

/* How the api commands reach a server without a profile. */
#define SERVER_ARGUMENTS                                                                 \
    {.name = "server",                                                                   \
     .placeholder = "HOST:PORT",                                                         \
     .comment = N_("The server, without being signed in; the profile's where absent.")}, \
    {                                                                                    \
        .name = "ca", .placeholder = "FILE",                                             \
        .comment = N_("With --server: the authority's certificate (PEM).")               \
    }

static const struct argument login_arguments[] = {
    {.name = "server",
     .placeholder = "HOST:PORT",
     .comment = N_("The server; the profile's where absent.")},
    {.name = "ca",
     .placeholder = "FILE",
     .comment =
         N_("The certificate (PEM) of the authority that vouches for the server, DIR/tls/ca.pem on "
            "the server's machine. The profile keeps a copy; where absent, that is used.")},
    {.name = "token-file",
     .placeholder = "FILE|-",
     .comment = N_("A token, as `jiayi token create` made it, instead of an address and a "
                   "password: for programs.")},
    {.name = NULL},
};

static const struct argument join_arguments[] = {
    {.name = "server",
     .placeholder = "HOST:PORT",
     .comment = N_("The server, where it is to be reached in another way than the code says.")},
    {.name = "ca",
     .placeholder = "FILE",
     .comment = N_("The certificate (PEM) of the authority that vouches for the server, where the "
                   "server itself does not show it.")},
    {.name = NULL},
};

static const struct argument api_list_arguments[] = {
    SERVER_ARGUMENTS,
    {.name = NULL},
};

static const struct argument api_show_arguments[] = {
    METHOD_ARGUMENT,
    SERVER_ARGUMENTS,
    {.name = NULL},
};

static const struct argument api_call_arguments[] = {
    METHOD_ARGUMENT,
    {.name = "JSON",
     .placeholder = "JSON|-",
     .place = 2,
     .comment =
         N_("The request, or - for standard input; an empty request where absent. A request with a "
            "secret must come from standard input.")},
    SERVER_ARGUMENTS,
    {.name = NULL},
};

static const struct argument completion_arguments[] = {
    {.name = "SHELL",
     .placeholder = "bash|zsh|fish",
     .place = 1,
     .required = true,
     .comment = N_("The shell to complete in.")},
    {.name = "WORD",
     .placeholder = "WORD",
     .place = 2,
     .repeated = true,
     .comment = N_("The words of a command line, behind --: instead of the script, what the last "
                   "of them may become. So the script asks.")},
    {.name = NULL},
};

static const struct argument file_get_arguments[] = {
    {.name = "PATH",
     .placeholder = "PATH|-",
     .place = 2,
     .comment = N_("Where to keep it: a file, a folder, or - for standard output; under its own "
                   "name in this folder where absent.")},
    {.name = "force", .kind = ARGUMENT_BOOL, .comment = N_("Replaces a file that is there.")},
    {.name = NULL},
};

static const struct argument case_bundle_arguments[] = {
    {.name = "PATH",
     .placeholder = "PATH",
     .place = 2,
     .comment = N_("The tar to write; case-ID.tar in this folder where absent.")},
    {.name = "force", .kind = ARGUMENT_BOOL, .comment = N_("Replaces a file that is there.")},
    {.name = NULL},
};

static const struct argument contract_sign_arguments[] = {
    {.name = "key",
     .placeholder = "NAME",
     .refers = "key",
     .comment = N_("A key of mine, by its note or its number, as `jiayi key list` has them: its "
                   "private half, which this profile keeps, signs here, and anybody can verify "
                   "that.")},
    {.name = NULL},
};

static const struct argument contract_text_arguments[] = {
    {.name = "signed",
     .placeholder = "DIR",
     .comment = N_("Writes the text into a new folder, and beside it what was signed with a key: "
                   "the note, the signature and the key, for openssl.")},
    {.name = NULL},
};

static const struct argument file_put_arguments[] = {
    {.name = "PATH",
     .placeholder = "PATH",
     .place = 2,
     .required = true,
     .comment = N_("The file, of 10 MiB at most.")},
    {.name = "name",
     .placeholder = "TEXT",
     .comment = N_("What it is to be called; its own name where absent.")},
    {.name = NULL},
};

static const struct argument export_arguments[] = {
    {.name = "DIR",
     .placeholder = "DIR",
     .place = 1,
     .required = true,
     .comment = N_("The folder to write, which is not there yet. It is made once all is here; what "
                   "has come so far is in DIR.part, and the same command goes on with it.")},
    {.name = NULL},
};

static const struct argument import_arguments[] = {
    {.name = "FILE",
     .placeholder = "FILE|-",
     .place = 2,
     .required = true,
     .comment = N_("The table, as CSV: its first line says what the columns are. Separators may be "
                   "commas, semicolons or tabs.")},
    {.name = "map",
     .placeholder = "HEADING=COLUMN",
     .repeated = true,
     .comment = N_("What a heading means that is not understood by itself, such as 甲方=customer; "
                   "nothing behind the = leaves the column out. It is remembered for files of the "
                   "same kind and source.")},
    {.name = "ignore",
     .kind = ARGUMENT_BOOL,
     .comment = N_("Leaves out columns whose headings are not understood.")},
    {.name = "skip-errors",
     .kind = ARGUMENT_BOOL,
     .comment = N_("Leaves out rows that are wrong, and imports the others.")},
    {.name = "dates",
     .placeholder = "dmy|mdy",
     .comment = N_("How days such as 03/04/2026 are meant, where the column does not say.")},
    {.name = "decimal",
     .placeholder = "point|comma",
     .comment = N_("What separates the decimals, where numbers such as 1.234 do not say.")},
    {.name = "encoding",
     .placeholder = "NAME",
     .comment =
         N_("The file's encoding, such as GB18030 or WINDOWS-1252; found out where absent.")},
    {.name = NULL},
};

static const struct argument profile_use_arguments[] = {
    {.name = "NAME",
     .placeholder = "NAME",
     .place = 1,
     .required = true,
     .refers = "profile",
     .comment = N_("The profile, as `jiayi profile list` names it.")},
    {.name = NULL},
};

static const struct argument report_arguments[] = {
    {.name = "attach",
     .placeholder = "FILE",
     .repeated = true,
     .comment = N_("A file to put on it, of 10 MiB at most; may be given again.")},
    {.name = NULL},
};

const struct handmade handmade_commands[] = {
    {"api call", N_("Calls any method of the server, with JSON."), NULL, api_call_arguments,
     api_call},
    {"api list", N_("Lists the server's methods."), NULL, api_list_arguments, api_list},
    {"api show", N_("Shows a method: its permission, its request and its answer."), NULL,
     api_show_arguments, api_show},
    {"case bundle", NULL, "CaseService/GetCaseFile", case_bundle_arguments, cases_bundle,
     .is_general = true},
    {"company link", NULL, "AuthService/LinkCompany", NULL, companies_link},
    {"company switch", NULL, "AuthService/SwitchCompany", NULL, companies_switch,
     .is_general = true},
    {"completion", N_("Prints the completion script for a shell."), NULL, completion_arguments,
     completion_run},
    {"contract sign", NULL, "ContractService/SignContract", contract_sign_arguments, contracts_sign,
     .is_general = true},
    {"contract text", NULL, "ContractService/GetContractText", contract_text_arguments,
     contracts_text, .is_general = true},
    {"file get", NULL, "FileService/GetChunk", file_get_arguments, fetch_run, .is_general = true},
    {"file put", NULL, "FileService/CreateFile", file_put_arguments, files_put, .is_general = true},
    {"export",
     N_("Writes all that the company has into a folder, as it is at one moment: what `jiayi "
        "import` "
        "takes, and every table for reading, as CSV and as JSON, and the files that were put on "
        "things, with a manifest of their SHA-256. It takes a role that sees all of the company."),
     NULL, export_arguments, export_run},
    {"import", NULL, "ImportService/BeginImport", import_arguments, import_run, .is_general = true},
    {"join", NULL, "AuthService/Join", join_arguments, join_run},
    {"key add", NULL, "KeyService/AddKey", NULL, key_add},
    {"login", N_("Signs in and keeps the session in the profile."), "AuthService/SignIn",
     login_arguments, login_run},
    {"logout", N_("Ends the session and forgets it."), "AuthService/SignOut", NULL, logout_run},
    {"man", N_("Prints the manual page."), NULL, NULL, man_run},
    {"profile list", N_("Lists the sign-ins that are kept on this machine."), NULL, NULL,
     profiles_list},
    {"profile use", N_("Makes a sign-in the one that counts where --profile is absent."), NULL,
     profile_use_arguments, profiles_use},
    {"report resubmit", NULL, "ReportService/ResubmitReport", report_arguments, reports_submit,
     .is_general = true},
    {"report submit", NULL, "ReportService/SubmitReport", report_arguments, reports_submit,
     .is_general = true},
    {"totp verify", NULL, "TotpService/VerifyTotp", NULL, totp_verify},
    {"version", N_("Prints the version."), NULL, NULL, version_run},
    {"watch", NULL, "InboxService/WatchInbox", NULL, watch_run},
    {NULL},
};
