// Commands that change the candidate or make it run.
#pragma once

#include "control/command.h"

enum command_end change_set(struct command_call *call);
enum command_end change_delete(struct command_call *call);
enum command_end change_diff(struct command_call *call);
enum command_end change_discard(struct command_call *call);
enum command_end change_commit(struct command_call *call);
enum command_end change_commit_confirmed(struct command_call *call);
enum command_end change_rollback(struct command_call *call);
enum command_end change_save(struct command_call *call);
