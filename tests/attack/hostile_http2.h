#pragma once
/*
 * Attacks in HTTP/2, frame by frame: what the table in hostile.c says of each. Calls by HTTP/2 that
 * are well-formed are made as those by SP, with the way LINK_GRPC or LINK_CONNECT.
 */
#include "tests/attack/hostile.h"

/* Floods on a connection, until the server hangs up. */
void hostile_reset_streams(struct hostile_worker *w);
void hostile_have_reset(struct hostile_worker *w);
void hostile_send_for_nothing(struct hostile_worker *w);
void hostile_continue(struct hostile_worker *w);
void hostile_bomb_heads(struct hostile_worker *w);
void hostile_fill_heads(struct hostile_worker *w);
void hostile_send_odd_heads(struct hostile_worker *w);
void hostile_begin_streams(struct hostile_worker *w);

/* Connections that end, each in another way. */
void hostile_send_garbage_frames(struct hostile_worker *w);
void hostile_go_away(struct hostile_worker *w);

/* Held connections. */
int hostile_open_http2(struct hostile_worker *w, struct link *l, int peer);
int hostile_drip_preface(struct hostile_worker *w, struct link *l, int peer);
int hostile_open_bodies(struct hostile_worker *w, struct link *l, int peer);
int hostile_drip_bodies(struct hostile_worker *w, struct link *l, int peer);
int hostile_hoard_bodies(struct hostile_worker *w, struct link *l, int peer);
int hostile_open_closed(struct hostile_worker *w, struct link *l, int peer);
int hostile_ask_unread(struct hostile_worker *w, struct link *l, int peer);
int hostile_open_windows(struct hostile_worker *w, struct link *l, int peer);
int hostile_open_unread(struct hostile_worker *w, struct link *l, int peer);
int hostile_open_dialogs(struct hostile_worker *w, struct link *l, int peer);
int hostile_ask_dialogs(struct hostile_worker *w, struct link *l, int peer);
