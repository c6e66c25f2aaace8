// One open proxy in front of one user agent server: what may be forwarded is, so that one can see
// it.
#include "tools/replay/bed.h"

const char bed_config[] = "set port net device net_null0\n"
                          "set port net address 198.51.100.1/24\n"
                          "set port net address 2001:db8:1::1/64\n"
                          "set port net gateway 198.51.100.254\n"
                          "set port net gateway 2001:db8:1::ff\n"
                          "set leg proxy port net udp 198.51.100.1:5060\n"
                          "set leg proxy6 port net udp [2001:db8:1::1]:5060\n"
                          "set group uas member 198.51.100.20:5060 weight 1\n"
                          "set domain default group uas\n"
                          "set prefix any group uas\n";
