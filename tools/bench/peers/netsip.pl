# Net::SIP's stateless proxy on one leg; everything goes to the sink of spry-bench.
use strict;
use warnings;
use Net::SIP;

my $proxy = Net::SIP::Simple->new(
	legs           => ['127.0.0.1:5060'],
	outgoing_proxy => '127.0.0.1:5090',
);
$proxy->create_stateless_proxy;
$proxy->loop;
