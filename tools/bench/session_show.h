// What the interactive mode shows.
#pragma once

#include "tools/bench/session.h"

void session_show_config(const struct session *s, FILE *out);
void session_show_ports(const struct session *s, FILE *out);
void session_show_latency(const struct session *s, FILE *out);
void session_show_summary(const struct session *s, FILE *out);
