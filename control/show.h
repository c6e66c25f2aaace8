// The show commands.
#pragma once

#include "control/command.h"

enum command_end show_config(struct command_call *call);
enum command_end show_history(struct command_call *call);
enum command_end show_port(struct command_call *call);
enum command_end show_leg(struct command_call *call);
enum command_end show_group(struct command_call *call);
enum command_end show_route(struct command_call *call);
enum command_end show_neighbor(struct command_call *call);
enum command_end show_version(struct command_call *call);

// show_location.c
enum command_end show_location(struct command_call *call);
enum command_end clear_location(struct command_call *call);

// location_command.c
enum command_end location_export(struct command_call *call);
enum command_end location_import(struct command_call *call);

// show_user.c
enum command_end show_user(struct command_call *call);

// show_store.c
enum command_end show_store(struct command_call *call);

// show_policy.c
enum command_end show_acl(struct command_call *call);
enum command_end show_limit(struct command_call *call);
enum command_end show_pattern(struct command_call *call);

// show_counters.c
enum command_end show_counters(struct command_call *call);
enum command_end show_drops(struct command_call *call);
enum command_end show_worker(struct command_call *call);
enum command_end clear_counters(struct command_call *call);
// Sum over the workers since the last clear; *consistent (may be NULL): every copy was, and
// received is the sum of all ways in each.
void show_counters_sum(struct control *c, struct stats *sum, bool *consistent);
// Parts of `show worker`: a worker's share of what `all` received and what it steers; the ports.
void show_steer_json(
        struct command_call *call, unsigned worker, const struct stats *s, const struct stats *all);
void show_steer_text(
        struct command_call *call, unsigned worker, const struct stats *s, const struct stats *all);
void show_steer_ports(struct command_call *call);
