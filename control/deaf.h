// Makes the kernel deaf on an interface whose frames a port takes by AF_PACKET: otherwise both the
// kernel and spry would see each frame. An nftables table `netdev NAME` drops at ingress; packet
// sockets get their copy before it.
#pragma once

#include "dataplane/base/error.h"

int deaf_on(const char *name, const char *ifname, struct error *e);
// Removing what is not there is no error.
int deaf_off(const char *name, struct error *e);
