/**
 * The methods that SQL cannot do: they verify passwords or signatures, or answer from the program
 * itself.
 * Each stands in a file of its own under server/native.
 */
#ifndef JIAYI_SERVER_NATIVE_NATIVES_H
#define JIAYI_SERVER_NATIVE_NATIVES_H

#include "server/method/method.h"

/** All of them; the last one's method is NULL. */
extern const struct native natives[];

/** AuthService/SignIn: verifies the password and opens a session. */
void native_sign_in(struct call *c);
/** AuthService/Join: redeems a code for a first password and opens a session. */
void native_join(struct call *c);
/**
 * AuthService/ChangePassword: verifies the old password, sets the new one, ends the other sessions.
 */
void native_change_password(struct call *c);
/**
 * AuthService/LinkCompany: verifies both passwords, links both memberships and opens a session.
 */
void native_link_company(struct call *c);
/** AuthService/SwitchCompany: opens a session of a linked membership. */
void native_switch_company(struct call *c);
/** TokenService/CreateToken: makes a token and keeps its hash. */
void native_create_token(struct call *c);
/** TotpService/EnableTotp: makes a secret and keeps it sealed. */
void native_enable_totp(struct call *c);
/** TotpService/ConfirmTotp: checks a code, turns the second factor on, makes recovery codes. */
void native_confirm_totp(struct call *c);
/** TotpService/VerifyTotp: checks a code and gives the session another token. */
void native_verify_totp(struct call *c);
/** ContractService/SignContract: whether a signature is what the key makes of the note. */
void native_check_signature(struct call *c);
/** ServerService/Check: whether the server takes calls. */
void native_server_check(struct call *c);
/** ServerService/GetSchema: the descriptor set. */
void native_get_schema(struct call *c);
/** ServerService/GetServerStatus: adds what the program knows of itself. */
void native_server_status(struct call *c);

#endif
