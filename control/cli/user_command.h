// `spry user`: the credentials store (control/user_file.h), without spryd.
#pragma once

// Words behind `user`; exit status.
int user_command(const char *state_dir, int argc, char **argv);
