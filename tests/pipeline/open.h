// The configuration of tests that send what they like: nothing is stripped, spread or asked for a
// password, and every request goes to the core.
#pragma once

static const char open_config[] =
        "set port access device net_null0\n"
        "set port access address 192.0.2.1/24\n"
        "set port core device net_null1\n"
        "set port core address 198.51.100.1/24\n"
        "set leg access port access udp 192.0.2.1:5060 max-breadth 0 trusted on "
        "contact-rewrite on\n"
        "set leg core port core udp 198.51.100.1:5060 max-breadth 0\n"
        "set group switches member 198.51.100.10:5060\n"
        "set domain closed.example.com reject 603\n"
        "set domain default group switches\n"
        "route 0.0.0.0/0 core via 198.51.100.254\n";
