// Ports: DPDK ethdevs as the configuration names them, by PCI address or devargs.
#pragma once

#include <rte_mempool.h>

#include "dataplane/base/error.h"
#include "dataplane/table/root.h"
#include "dataplane/table/setup.h"

struct dataplane;

struct port {
	char name[16];
	uint16_t id; // ethdev
	uint16_t mtu;
	uint8_t mac[6];
	bool rx_checksum;                     // the device verifies IPv4 and UDP checksums
	bool tx_ip_checksum, tx_udp_checksum; // the device writes them
	bool started;
	uint8_t rss;          // enum root_rss
	_Atomic bool link_up; // written by the main lcore
};

// Whether `device` is a PCI address ("0000:3b:00.1" or "3b:00.1"), not devargs of a virtual device.
bool port_is_pci(const char *device);
// Before EAL starts: is the device there, and bound to a driver DPDK can use? -1 with one line that
// says what, where and what to do.
int port_check(const struct setup_port *sp, struct error *e);
// Bytes of the largest frame the port can receive (its buffers must hold it).
size_t port_frame_room(const struct setup_port *sp);

// Makes EAL know the device (virtual devices are made here), one RX and TX queue per worker,
// offloads, MTU; fills *p. Buffers of queue q come from pools[q].
int port_open(struct port *p, const struct setup_port *sp, struct rte_mempool **pools,
        unsigned n_queues, struct error *e);
int port_start(struct port *p, struct error *e);
void port_close(struct port *p);
// Copies link state and device counters of every port to the root page (main lcore, each 100 ms).
void port_report(struct dataplane *dp);
