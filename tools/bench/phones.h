// Whom the generator's users stand for: bindings and passwords.
#pragma once

#include "control/user_list.h"
#include "tools/bench/device.h"

// user0000000@DOMAIN and on, n of them, registered at sip:user0000000@HOST of the leg for a day.
int phones_register(struct location *l, uint64_t n, const char *domain, const char *host,
        const char *leg, struct error *e);
// The same users' passwords.
int phones_password(struct user_list *users, uint64_t n, const char *realm, const char *password,
        struct error *e);
